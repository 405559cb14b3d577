import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { LoadedWeights } from '../../src/graph/onnx/pack-weights';
import type { BuiltGraph } from '../../src/graph/types';

/**
 * Runs graphs with onnxruntime-web in a real browser, without the page of the project: a blank document, the
 * runtime's own files, and the graph's bytes, all from one local server.
 */
export interface OrtHarness {
  run(
    backend: 'webgpu' | 'wasm',
    graph: BuiltGraph,
    input: Float32Array,
    weights: LoadedWeights[],
  ): Promise<HarnessResult>;
  close(): Promise<void>;
}

interface HarnessResult {
  output: Float32Array;
  /** Milliseconds to make the session, and of the one run. */
  createMs: number;
  runMs: number;
  adapter: string;
}

const DIST = fileURLToPath(new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url));
const TYPES: Record<string, string> = { mjs: 'text/javascript', wasm: 'application/wasm' };
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

export async function openHarness(page: Page): Promise<OrtHarness> {
  const files = new Map<string, Uint8Array>();
  const server = await listen(files);
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://localhost:${port}/`);
  return {
    async run(backend, graph, input, weights) {
      files.set('model', graph.model);
      files.set('input', new Uint8Array(input.buffer, input.byteOffset, input.length * FLOAT_BYTES));
      for (const { file, bytes } of weights) files.set(file.path, bytes);
      const { output, ...rest } = await page.evaluate(runInPage, {
        backend,
        dims: graph.input.shape,
        weights: weights.map(({ file }) => file.path),
      });
      const bytes = Buffer.from(output, 'base64');
      return { output: new Float32Array(new Uint8Array(bytes).buffer), ...rest };
    },
    close: () =>
      new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** Serves a blank page, the runtime's files, and `files` under /data/. */
async function listen(files: Map<string, Uint8Array>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = basename(path);
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>graphs</title>');
    } else if (path.startsWith('/data/') && files.has(name)) {
      response.end(files.get(name));
    } else {
      const bytes = await readFile(DIST + name).catch(() => undefined);
      response.statusCode = bytes ? 200 : 404;
      response.setHeader('Content-Type', TYPES[name.split('.').at(-1)!] ?? 'text/plain').end(bytes);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

/** Executed in the page: everything it needs is inside or comes from the server. */
async function runInPage(job: {
  backend: 'webgpu' | 'wasm';
  dims: number[];
  weights: string[];
}): Promise<{ output: string; createMs: number; runMs: number; adapter: string }> {
  const bundle = 'Suspending' in WebAssembly ? '/ort.jspi.bundle.min.mjs' : '/ort.webgpu.bundle.min.mjs';
  const ort = (await import(bundle)) as typeof import('onnxruntime-web/webgpu');
  ort.env.wasm.numThreads = 1;
  const load = async (name: string) => new Uint8Array(await (await fetch(`/data/${name}`)).arrayBuffer());
  let adapter = 'wasm';
  let provider: import('onnxruntime-web/webgpu').InferenceSession.ExecutionProviderConfig = 'wasm';
  if (job.backend === 'webgpu') {
    const gpu = await navigator.gpu.requestAdapter();
    if (!gpu) throw new Error('There is no WebGPU adapter.');
    adapter = `${gpu.info.vendor} ${gpu.info.architecture}`;
    const half = gpu.features.has('shader-f16');
    const requiredFeatures: GPUFeatureName[] = half ? ['shader-f16'] : [];
    if (half) adapter += ' with shader-f16';
    provider = { name: 'webgpu', device: await gpu.requestDevice({ requiredFeatures }) };
  }
  const started = performance.now();
  const session = await ort.InferenceSession.create(await load('model'), {
    executionProviders: [provider],
    // A node that WebGPU cannot run must be an error here, not silently run on the CPU.
    ...(job.backend === 'webgpu' ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
    externalData: await Promise.all(job.weights.map(async (path) => ({ path, data: await load(path) }))),
  });
  const created = performance.now();
  const input = new Float32Array((await load('input')).buffer);
  const results = await session.run({ input: new ort.Tensor('float32', input, job.dims) });
  const data = (await results.output!.getData()) as Float32Array<ArrayBuffer>;
  const done = performance.now();
  await session.release();
  const url = await new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsDataURL(new Blob([data]));
  });
  return {
    output: url.slice(url.indexOf(',') + 1),
    createMs: created - started,
    runMs: done - created,
    adapter,
  };
}
