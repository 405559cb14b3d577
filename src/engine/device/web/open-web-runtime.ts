import { LeapError } from '../../../errors';
import type { Backend } from '../../types';
import { queueOf } from '../ort-queue';
import { replaceDevice } from '../replaced-device';
import type { Runtime } from '../runtime';
import { findFault, isNodeOrt } from './check-host-ort';
import { openGpuDevice } from './gpu-device';
import type { HostOrt, RunExclusive } from './host-ort';
import { loadOrt, type OrtFiles, type OrtModule } from './load-ort';
import { openProcessorDevice } from './wasm-device';

export interface WebRuntimeOptions extends OrtFiles {
  /** The host's onnxruntime, used instead of ours where its version is good enough. */
  ort?: HostOrt;
  /** The host's device, used instead of one of our own. It is never destroyed here. */
  device?: GPUDevice;
  /** The host's lock for calls of onnxruntime. */
  runExclusive?: RunExclusive;
  /** A fresh worker with a fresh runtime takes over where this one is spent. */
  renewable?: boolean;
  /** Is told why the host's onnxruntime is not used. */
  onRefused?: (reason: string) => void;
}

/** onnxruntime-web: WebGPU where the browser has it, WebAssembly always. Or the onnxruntime that the host has. */
export function openWebRuntime(options: WebRuntimeOptions = {}): Runtime {
  const { device: shared, runExclusive, renewable = false } = options;
  const hosts = chooseHosts(options);
  const backends: Backend[] = hosts && isNodeOrt(hosts) ? ['cpu'] : listBackends(shared);
  const queue = runExclusive ? { run: runExclusive } : queueOf(hosts);
  let ort: Promise<OrtModule> | undefined;
  let hadGpu = false;
  return {
    backends,
    async openDevice(backend) {
      if (!backends.includes(backend)) {
        throw new LeapError(
          'no-backend',
          `There is no ${backend} backend here, only ${backends.join(' and ')}.`,
        );
      }
      ort ??= hosts ? Promise.resolve(hosts) : loadOrt(options);
      if (backend !== 'webgpu') return openProcessorDevice(await ort, queue, backend);
      const device = await openGpuDevice(await ort, queue, shared);
      const second = hadGpu;
      hadGpu = true;
      return second ? replaceDevice(device, renewable) : device;
    },
  };
}

function listBackends(shared: GPUDevice | undefined): Backend[] {
  return shared || (globalThis.navigator && 'gpu' in navigator) ? ['webgpu', 'wasm'] : ['wasm'];
}

function chooseHosts({ ort, onRefused }: WebRuntimeOptions): OrtModule | undefined {
  if (!ort) return undefined;
  const fault = findFault(ort);
  if (fault === undefined) return ort as unknown as OrtModule;
  onRefused?.(fault);
  return undefined;
}
