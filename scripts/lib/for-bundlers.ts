import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** The builds of onnxruntime that the worker chooses from. */
const BUILDS = ['onnxruntime-web/jspi', 'onnxruntime-web/webgpu'];

/**
 * An address as the build writes it: resolved once, and once more against the same base. Turbopack and webpack take
 * the outer `new URL` for an asset of its own and fail. The inner one alone is the pattern that every bundler knows.
 */
const RESOLVED_TWICE = /new URL\(new URL\([`'"]([^`'"]+)[`'"],\s*import\.meta\.url\)\.href,([^)]*?)\)/g;

/**
 * The build of onnxruntime for browsers without promise integration. It is over the limit of 25 MiB for a file that
 * well-known hosts have, and a quarter of it when compressed.
 */
const COMPRESSED = /\.asyncify-[^/]*\.wasm$/;

/** Makes the library's files such that the bundlers of its embedders find what belongs to them. */
export function forBundlers(): Plugin {
  return {
    name: 'leap-for-bundlers',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const compressed = Object.keys(bundle).filter((name) => COMPRESSED.test(name));
        if (compressed.length !== 1)
          throw new Error(`Expected one file to compress, not ${compressed.length}.`);
        const [large] = compressed as [string];
        const { source } = bundle[large] as Rolldown.OutputAsset;
        delete bundle[large];
        this.emitFile({ type: 'asset', fileName: `${large}.gz`, source: gzipSync(source, { level: 9 }) });
        const rewrite = (code: string) =>
          resolveOnce(code).replaceAll(basename(large), `${basename(large)}.gz`);
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') file.code = rewrite(file.code);
          // The scripts of the worker are assets to the build of the client.
          else if (file.fileName.endsWith('.js')) file.source = rewrite(textOf(file.source));
        }
        const index = bundle['index.js'];
        if (
          index?.type !== 'chunk' ||
          !index.code.includes('new Worker(new URL("./worker.js",import.meta.url)')
        ) {
          throw new Error('The worker is not made as expected; see RESOLVED_TWICE.');
        }
        // Onnxruntime names its own file, for its threads; its bundled chunk has another name and is not alone.
        for (const name of BUILDS) {
          const path = fileURLToPath(import.meta.resolve(name));
          this.emitFile({ type: 'asset', fileName: `assets/${basename(path)}`, source: readFileSync(path) });
        }
      },
    },
  };
}

function resolveOnce(code: string): string {
  return code.replace(RESOLVED_TWICE, (_, path: string, base: string) => {
    const once = `new URL("./${path}",import.meta.url)`;
    // With an origin it is needed: Turbopack's addresses have none.
    return base.includes('import.meta.url') ? once : `new URL(${once}.href,${base})`;
  });
}

function textOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
