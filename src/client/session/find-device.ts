import type { CreateOptions } from '../options/create-options';
import type { GpuTensor } from '../types';

/** The device that the host's onnxruntime computes on; undefined before its first session on the GPU. */
export async function findDevice(ort: CreateOptions['ort']): Promise<GpuTensor['device'] | undefined> {
  try {
    return await (ort?.env as { webgpu?: { device?: GpuTensor['device'] } } | undefined)?.webgpu?.device;
  } catch {
    // Some versions throw where there is none yet.
    return undefined;
  }
}
