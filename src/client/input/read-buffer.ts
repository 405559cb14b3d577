import { LeapError } from '../../errors';
import type { PlainTensor } from '../../latent/latent-from-raw';
import type { GpuTensor } from '../types';

/**
 * The values of a buffer, copied through one that can be mapped. The caller's buffer needs the usage COPY_SRC.
 * @throws LeapError `bad-option` for a buffer that is too small, `device-lost`
 */
export async function readBuffer({
  gpuBuffer,
  device,
  dims,
  dtype = 'float32',
}: GpuTensor): Promise<PlainTensor> {
  const shape = Array.from(dims, Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = count * (dtype === 'float16' ? 2 : 4);
  if (!(bytes <= gpuBuffer.size)) {
    throw new LeapError(
      'bad-option',
      `A buffer of ${gpuBuffer.size} bytes does not hold the dims [${shape}].`,
    );
  }
  // Copies are in multiples of four bytes; the buffer itself has such a size.
  const size = Math.ceil(bytes / 4) * 4;
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(gpuBuffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ).catch((cause) => {
      throw new LeapError('device-lost', `The GPU gave nothing back: ${cause}`, {}, { cause });
    });
    const values = staging.getMappedRange().slice(0);
    if (dtype === 'float32') return { data: new Float32Array(values, 0, count), dims: shape };
    return { data: new Uint16Array(values, 0, count), dims: shape, dtype };
  } finally {
    staging.destroy();
  }
}
