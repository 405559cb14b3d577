import type * as Ort from 'onnxruntime-web';
import { LeapError } from '../../../errors';
import { fetchWasm } from './fetch-wasm';

export type OrtModule = typeof Ort;

/** Where the files of onnxruntime are, and how many threads they may have. */
export interface OrtFiles {
  /** Absolute address of the `.wasm` or `.wasm.gz` file, or its bytes. */
  wasm?: string | ArrayBuffer;
  threads?: number;
}

/** More threads than this gain little on convolutions and cost memory each. */
const MAX_THREADS = 8;

/**
 * onnxruntime-web with the native WebGPU provider: the build that suspends through the browser's own promise
 * integration where there is one (16.8 MB), else the one rewritten by asyncify (26.8 MB; compressed in the library,
 * as many hosts take no file of more than 25 MiB). Never the main entry: its
 * older WebGPU code computes wrong values (onnxruntime issue 28536).
 */
export function importOrt(): Promise<OrtModule> {
  return 'Suspending' in WebAssembly ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu');
}

/**
 * {@link importOrt}, made ready.
 * @throws LeapError `download-failed`: it may well succeed later
 */
export async function loadOrt({ wasm, threads }: OrtFiles = {}): Promise<OrtModule> {
  const ort = await importOrt().catch((cause) => {
    const message = `The script of the runtime could not be fetched: ${cause.message}.`;
    throw new LeapError('download-failed', message, {}, { cause });
  });
  ort.env.wasm.numThreads = threads ?? threadCount();
  ort.env.wasm.wasmBinary = wasm instanceof ArrayBuffer ? wasm : await fetchWasm(wasm ?? (await findWasm()));
  ort.env.logLevel = 'error';
  return ort;
}

/**
 * Threads need shared memory, which browsers give to cross-origin isolated pages only. And they begin with the script
 * of onnxruntime, which a browser starts no worker with when it comes from another origin.
 */
export function threadCount(): number {
  const { crossOriginIsolated, navigator } = globalThis;
  return crossOriginIsolated && !isForeign() ? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1) : 1;
}

/** This library comes from another origin than the page: from a CDN. Webpack puts the address of a file here. */
function isForeign(): boolean {
  const { origin, protocol } = new URL(import.meta.url);
  return protocol.startsWith('http') && origin !== globalThis.location?.origin;
}

/** The file that the build has put beside the scripts. Turbopack gives its address without an origin. */
async function findWasm(): Promise<string> {
  const { default: url } =
    'Suspending' in WebAssembly
      ? await import('onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url')
      : await import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url');
  // Not resolved against this script: webpack would look for all files that could be meant.
  return URL.canParse(url) ? url : new URL(url, globalThis.location.origin).href;
}
