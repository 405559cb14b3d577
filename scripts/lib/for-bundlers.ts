import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** The builds of onnxruntime that the worker chooses from. */
const BUILDS = ['onnxruntime-web/jspi', 'onnxruntime-web/webgpu'];

/** How the build writes the worker's address. */
const BUILT = /new URL\(new URL\([`'"]worker\.js[`'"],\s*import\.meta\.url\)\.href,[^)]*import\.meta\.url\)/;
/** How Vite and webpack know a worker that they have to follow. */
const KNOWN = 'new URL("./worker.js",import.meta.url)';

/** Makes the library's files such that the bundlers of its embedders find what belongs to them. */
export function forBundlers(): Plugin {
  return {
    name: 'leap-for-bundlers',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const index = bundle['index.js'];
        if (index?.type !== 'chunk' || !BUILT.test(index.code)) {
          throw new Error('The worker is not made as expected; see BUILT.');
        }
        index.code = index.code.replace(BUILT, KNOWN);
        // Onnxruntime names its own file, for its threads; its bundled chunk has another name and is not alone.
        for (const name of BUILDS) {
          const path = fileURLToPath(import.meta.resolve(name));
          this.emitFile({ type: 'asset', fileName: `assets/${basename(path)}`, source: readFileSync(path) });
        }
      },
    },
  };
}
