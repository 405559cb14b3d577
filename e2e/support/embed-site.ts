import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { addFullDecoder, makeTestModels, type TestModels } from '../../src/testing/engine/test-models';

/** Another site that embeds the library: a blank page, the built client, small random models. */
export interface EmbedSite {
  url: string;
  models: TestModels;
  close(): void;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT_DIR = join(ROOT, 'dist', 'e2e-lib');
const BUNDLED_DIR = join(ROOT, 'dist', 'e2e-bundled');
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const PAGE = `<!doctype html><title>embedder</title><script type="module">
  import * as leap from '../lib/index.js';
  window.leap = leap;
</script>`;

/** Builds the library as `npm run build:lib` does, but into a folder of the tests. */
export function buildLibrary(): Promise<unknown> {
  return build({
    configFile: join(ROOT, 'vite.lib.config.ts'),
    root: ROOT,
    logLevel: 'error',
    build: { outDir: OUT_DIR },
  });
}

/** Bundles the built library into an embedder's own page. */
export function bundleLibrary(): Promise<unknown> {
  return build({
    configFile: false,
    root: ROOT,
    base: './',
    publicDir: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'esnext',
      outDir: BUNDLED_DIR,
      emptyOutDir: true,
      rolldownOptions: {
        input: join(OUT_DIR, 'index.js'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'index.js' },
      },
    },
  });
}

/**
 * @param isolated with the headers that give wasm its threads
 * @param bundled the library as {@link bundleLibrary} leaves it
 */
export async function openEmbedSite({ isolated = false, bundled = false } = {}): Promise<EmbedSite> {
  const models = addFullDecoder(makeTestModels());
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const body = await find(path, models, bundled ? BUNDLED_DIR : OUT_DIR);
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader(
      'Content-Type',
      path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream'),
    );
    response.end(body);
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, models, close: () => void server.close() };
}

async function find(
  path: string,
  { catalog, files }: TestModels,
  library: string,
): Promise<string | Uint8Array | undefined> {
  if (path === '/') return PAGE;
  if (path === '/models/catalog.json') return JSON.stringify(catalog);
  if (path.startsWith('/models/')) return files.get(path.slice('/models/'.length));
  if (path.startsWith('/lib/'))
    return readFile(join(library, path.slice('/lib/'.length))).catch(() => undefined);
  return undefined;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, 'localhost', resolve));
}
