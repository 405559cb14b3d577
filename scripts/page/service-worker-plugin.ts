import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';
import { CONTENT_SECURITY_POLICY } from './security-headers.ts';

const SOURCE = 'src/service-worker/service-worker.ts';
const OUTPUT = 'service-worker.js';

/** Kept when first used instead of beforehand: a browser needs only one of the two wasm files. */
const LARGE = /\.wasm$/;
/** Weights live in IndexedDB; source maps, licences, prebuilt graphs and model cards are never asked for by the page. */
const LEFT_OUT = /\.map$|^licences\.txt$|^models\/(?!catalog\.json$)/;

/** Builds the service worker with the hash of every file that it keeps, and one over all of them as its version. */
export function serviceWorker(): Plugin {
  let publicDir = '';
  return {
    name: 'leap-service-worker',
    apply: 'build',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: SOURCE, fileName: OUTPUT });
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = new Map<string, string | Uint8Array>(readPublic(publicDir));
        for (const [path, output] of Object.entries(bundle)) {
          files.set(path, output.type === 'chunk' ? output.code : output.source);
        }
        files.delete(OUTPUT);
        const paths = [...files.keys()].filter((path) => !LEFT_OUT.test(path)).sort();
        const hashes = (wanted: string[]) =>
          Object.fromEntries(wanted.map((path) => [path, sha256(files.get(path)!)]));
        const worker = bundle[OUTPUT];
        if (worker?.type !== 'chunk') throw new Error('The service worker was not built.');
        worker.code = fill(worker.code, {
          SHELL: hashes(paths.filter((path) => !LARGE.test(path))),
          LARGE: hashes(paths.filter((path) => LARGE.test(path))),
          POLICY: CONTENT_SECURITY_POLICY,
        }).replace(
          '__VERSION__',
          sha256(JSON.stringify([hashes(paths), CONTENT_SECURITY_POLICY])).slice(0, 16),
        );
      },
    },
  };
}

/** Puts each value where the code has its name as a string, in whatever quotes the minifier chose. */
function fill(code: string, values: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(values)) {
    const filled = code.replace(new RegExp(`(["'\`])__${name}__\\1`), () => JSON.stringify(value));
    if (filled === code) throw new Error(`The service worker has no place for ${name}.`);
    code = filled;
  }
  return code;
}

/** Path relative to the folder, and content, of every file that is worth keeping. */
function readPublic(folder: string): [string, Uint8Array][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !LEFT_OUT.test(path))
    .map((path) => [path, readFileSync(join(folder, path))]);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
