import type * as Ort from 'onnxruntime-web';

export type OrtModule = typeof Ort;

/** Where the files of onnxruntime are, and how many threads they may have. */
export interface OrtFiles {
  /** Absolute address of the `.wasm` file, or its bytes. */
  wasm?: string | ArrayBuffer;
  threads?: number;
}

/** More threads than this gain little on convolutions and cost memory each. */
const MAX_THREADS = 8;

/**
 * onnxruntime-web with the native WebGPU provider: the build that suspends through the browser's own promise
 * integration where there is one (16.8 MB), else the one rewritten by asyncify (26.8 MB). Never the main entry: its
 * older WebGPU code computes wrong values (onnxruntime issue 28536).
 */
export function importOrt(): Promise<OrtModule> {
  return 'Suspending' in WebAssembly ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu');
}

/** {@link importOrt}, made ready. */
export async function loadOrt({ wasm, threads }: OrtFiles = {}): Promise<OrtModule> {
  const ort = await importOrt();
  ort.env.wasm.numThreads = threads ?? threadCount();
  if (typeof wasm === 'string') ort.env.wasm.wasmPaths = { wasm };
  else if (wasm) ort.env.wasm.wasmBinary = wasm;
  ort.env.logLevel = 'error';
  return ort;
}

/**
 * Threads need shared memory, which browsers give to cross-origin isolated pages only. And they begin with the script
 * of onnxruntime, which a browser starts no worker with when it comes from another origin.
 */
export function threadCount(): number {
  const own = new URL(import.meta.url).origin === globalThis.location?.origin;
  return globalThis.crossOriginIsolated && own
    ? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1)
    : 1;
}
