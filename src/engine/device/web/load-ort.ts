import type * as Ort from 'onnxruntime-web';

export type OrtModule = typeof Ort;

/** More threads than this gain little on convolutions and cost memory each. */
const MAX_THREADS = 8;

/**
 * onnxruntime-web with the native WebGPU provider, from the page's own origin: the build that suspends through
 * the browser's own promise integration where there is one (16.8 MB), else the one rewritten by asyncify
 * (26.8 MB). Never the main entry: its older WebGPU code computes wrong values (onnxruntime issue 28536).
 */
export async function loadOrt(): Promise<OrtModule> {
  const ort: OrtModule =
    'Suspending' in WebAssembly
      ? await import('onnxruntime-web/jspi')
      : await import('onnxruntime-web/webgpu');
  ort.env.wasm.numThreads = threadCount();
  ort.env.logLevel = 'error';
  return ort;
}

/** Threads need shared memory, which browsers give to cross-origin isolated pages only. */
export function threadCount(): number {
  return globalThis.crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1) : 1;
}
