import type { DeviceInfo } from '../../client';

const PRECISIONS: Record<DeviceInfo['precision'], string> = { fp16: '16-bit', fp32: '32-bit' };

/** 'WebGPU in 16-bit on NVIDIA ...', or 'WebAssembly, 4 threads, in 32-bit'. */
export function describeDevice({ backend, precision, adapter }: DeviceInfo): string {
  const numbers = PRECISIONS[precision];
  // Without a GPU the adapter is the backend itself, with its threads.
  return backend === 'webgpu' ? `WebGPU in ${numbers} on ${adapter}` : `${adapter}, in ${numbers}`;
}
