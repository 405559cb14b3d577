import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Peers } from '../cases/peers';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

/**
 * Builds the page of the benchmark and serves it.
 *
 * @param page its script, and whether it is isolated, which gives wasm threads
 */
export async function openBenchSite(
  peers: Peers,
  { isolated, entry }: { isolated: boolean; entry: string },
): Promise<BenchSite> {
  await build({
    configFile: false,
    root: ROOT,
    base: './',
    publicDir: false,
    logLevel: 'error',
    build: {
      target: 'esnext',
      outDir: OUT,
      rolldownOptions: { input: entry, output: { entryFileNames: 'page.js' } },
    },
  });
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const body = path === '/' ? PAGE : await find(path, peers);
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const type = path === '/' ? 'text/html' : (TYPES[extname(path)] ?? 'application/octet-stream');
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => void server.close() };
}

async function find(path: string, { span, taesd, upscalerjs }: Peers): Promise<Uint8Array | undefined> {
  const scale = /^\/span-(\d)\.onnx$/.exec(path)?.[1];
  if (scale !== undefined) return span.get(Number(scale));
  if (path === '/taesd.weights') return taesd;
  const foreign = /^\/upscalerjs(\/.*)$/.exec(path)?.[1];
  if (foreign !== undefined) {
    return upscalerjs === undefined ? undefined : read(join(upscalerjs, 'node_modules', foreign));
  }
  return read(join(path.startsWith('/models/') ? join(ROOT, 'public') : OUT, path));
}

function read(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch(() => undefined);
}
