import { LeapError } from '../../../errors';
import type { Backend } from '../../types';
import type { Runtime } from '../runtime';
import { SerialQueue } from '../serial-queue';
import { openGpuDevice } from './gpu-device';
import { loadOrt, type OrtModule } from './load-ort';
import { openWasmDevice } from './wasm-device';

/** onnxruntime-web in a worker: WebGPU where the browser has it, WebAssembly always. */
export function openWebRuntime(): Runtime {
  const backends: Backend[] = 'gpu' in navigator ? ['webgpu', 'wasm'] : ['wasm'];
  // One queue for all devices: they share one instance of the wasm module.
  const queue = new SerialQueue();
  let ort: Promise<OrtModule> | undefined;
  return {
    backends,
    async openDevice(backend) {
      if (backend === 'cpu') throw new LeapError('no-backend', 'The cpu backend belongs to Node; use wasm.');
      ort ??= loadOrt();
      return backend === 'webgpu' ? openGpuDevice(await ort, queue) : openWasmDevice(await ort, queue);
    },
  };
}
