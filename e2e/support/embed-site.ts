import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { addFullDecoder, makeTestModels, type TestModels } from '../../src/testing/engine/test-models';
import { once } from './once';

/** Another site that embeds the library: a blank page, the built client, small random models. */
export interface EmbedSite {
  url: string;
  models: TestModels;
  close(): void;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where {@link buildLibrary} puts it. */
export const LIBRARY_DIR = join(ROOT, 'dist', 'e2e-lib');
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const PAGE = `<!doctype html><title>embedder</title><script type="module">
  import * as leap from '../lib/index.js';
  window.leap = leap;
</script>`;

/** Builds the library as `npm run build:lib` does, but into a folder of the tests; once in a run of them. */
export function buildLibrary(): Promise<void> {
  const configFile = join(ROOT, 'vite.lib.config.ts');
  const options = { configFile, root: ROOT, logLevel: 'error', build: { outDir: LIBRARY_DIR } } as const;
  return once('library', () => build(options));
}

type WorkerFormat = 'es' | 'iife';

function bundledDir(format: WorkerFormat): string {
  return join(ROOT, 'dist', `e2e-bundled-${format}`);
}

/**
 * Bundles the built library into an embedder's own page.
 * @param format of the worker: Vite makes one script of it unless it is told `es`
 */
export function bundleLibrary(format: WorkerFormat): Promise<unknown> {
  return build({
    configFile: false,
    root: ROOT,
    base: './',
    publicDir: false,
    logLevel: 'error',
    worker: { format },
    build: {
      target: 'esnext',
      outDir: bundledDir(format),
      emptyOutDir: true,
      rolldownOptions: {
        input: join(LIBRARY_DIR, 'index.js'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'index.js' },
      },
    },
  });
}

export interface SiteOptions {
  /** With the headers that give wasm its threads. */
  isolated?: boolean;
  /** The library as {@link bundleLibrary} leaves it. */
  bundled?: WorkerFormat;
  /** Folder of the library, as another bundler leaves it. */
  library?: string;
  /** Other sites may import from it, as from a CDN. */
  shared?: boolean;
  /** Path -> more that it serves. */
  files?: ReadonlyMap<string, Uint8Array | string>;
}

export async function openEmbedSite({
  isolated = false,
  bundled,
  library = bundled ? bundledDir(bundled) : LIBRARY_DIR,
  shared = false,
  files = new Map(),
}: SiteOptions = {}): Promise<EmbedSite> {
  const models = addFullDecoder(makeTestModels(['sdxl', 'flux1', 'flux2', 'sd15']));
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const body = files.get(path) ?? (await find(path, models, library));
    if (shared) response.setHeader('Access-Control-Allow-Origin', '*');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader(
      'Content-Type',
      path.endsWith('/') ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream'),
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
  // The library as it is in the package, beside what a bundler has made of it.
  if (path.startsWith('/latent-leap/'))
    return readFile(join(LIBRARY_DIR, path.slice('/latent-leap/'.length))).catch(() => undefined);
  const [, folder, ...rest] = path.split('/');
  const root = PACKAGES[folder ?? ''];
  return root && readFile(join(ROOT, 'node_modules', root, ...rest)).catch(() => undefined);
}

/** Packages that hosts use, by the folder that they are served in. */
const PACKAGES: Record<string, string> = {
  ort: 'onnxruntime-web/dist',
  'web-txt2img': 'web-txt2img/dist',
};

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, 'localhost', resolve));
}
