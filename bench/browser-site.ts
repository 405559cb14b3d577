import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist', 'bench');
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const PAGE = `<!doctype html><title>bench</title><link rel="icon" href="data:,">
<script type="module" src="./page.js"></script>`;

export interface BenchSite {
  url: string;
  close(): void;
}

/** Builds the page of the benchmark and serves it, isolated so that wasm gets threads. */
export async function openBenchSite(span: ReadonlyMap<number, Uint8Array>): Promise<BenchSite> {
  await build({
    configFile: false,
    root: ROOT,
    base: './',
    publicDir: false,
    logLevel: 'error',
    build: {
      target: 'esnext',
      outDir: OUT,
      rolldownOptions: { input: 'bench/browser-page.ts', output: { entryFileNames: 'page.js' } },
    },
  });
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const body = path === '/' ? PAGE : await find(path, span);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const type = path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream');
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => void server.close() };
}

async function find(path: string, span: ReadonlyMap<number, Uint8Array>): Promise<Uint8Array | undefined> {
  const scale = /^\/span-(\d)\.onnx$/.exec(path)?.[1];
  if (scale !== undefined) return span.get(Number(scale));
  const folder = path.startsWith('/models/') ? join(ROOT, 'public') : OUT;
  return readFile(join(folder, path)).catch(() => undefined);
}
