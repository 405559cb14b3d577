import { LeapError } from '../../errors';
import { readBuffer } from '../input/read-buffer';
import type { GpuTensor, HostTensor } from '../types';

export type NumberType = 'float32' | 'float16';

/** What the offset and the size of a copy between buffers are multiples of, by WebGPU. */
const COPY_BYTES = 4;

/** A picture as a tensor: in an array, or in a buffer. */
export type PictureTensor = { dims: readonly number[]; dtype: NumberType } & (
  | { data: Float32Array | Uint16Array }
  | Pick<GpuTensor, 'gpuBuffer' | 'device'>
);

/** Constructors of onnxruntime's tensors, of transformers.js's and of those that generators bring along. */
interface TensorClass {
  new (type: string, data: unknown, dims: number[]): unknown;
  fromGpuBuffer?(
    buffer: GpuTensor['gpuBuffer'],
    options: { dataType: string; dims: number[]; dispose: () => void; download: () => Promise<unknown> },
  ): unknown;
}

/** The sample as a tensor of the same class as the host's; a plain object where that is one. */
export function makeTensor(like: HostTensor, sample: PictureTensor): unknown {
  const Tensor = (like as unknown as { constructor: TensorClass }).constructor;
  const { dtype, dims } = sample;
  if ('gpuBuffer' in sample) {
    const { gpuBuffer } = sample;
    const dispose = () => gpuBuffer.destroy();
    const download = async () => (await readBuffer(sample)).data;
    if (Tensor.fromGpuBuffer) {
      return Tensor.fromGpuBuffer(gpuBuffer, { dataType: dtype, dims: [...dims], dispose, download });
    }
    const place = { location: 'gpu-buffer', gpuBuffer };
    return { type: dtype, dims: [...dims], ...place, getData: download, dispose };
  }
  const { data } = sample;
  if ((Tensor as unknown) !== Object) return new Tensor(dtype, data, [...dims]);
  return {
    type: dtype,
    dims: [...dims],
    location: 'cpu',
    data,
    getData: async () => data,
    dispose: () => {},
  };
}

/**
 * Samples of one picture each, one after the other: [B, 3, H, W].
 * @throws LeapError `bad-option` for an odd number of half floats each on the GPU: copies there begin at multiples of four bytes
 */
export function joinBuffers(samples: PictureTensor[]): PictureTensor {
  const [first] = samples as [PictureTensor, ...PictureTensor[]];
  const dims = [samples.length, ...first.dims.slice(1)];
  const { dtype } = first;
  if ('gpuBuffer' in first)
    return { ...joinOnGpu(samples as (PictureTensor & GpuTensor)[], dims), dims, dtype };
  const arrays = samples.map((sample) => (sample as { data: Float32Array | Uint16Array }).data);
  const length = arrays[0]!.length;
  const data =
    dtype === 'float16' ? new Uint16Array(length * arrays.length) : new Float32Array(length * arrays.length);
  for (const [i, array] of arrays.entries()) data.set(array, i * length);
  return { data, dims, dtype };
}

function joinOnGpu(
  samples: (PictureTensor & GpuTensor)[],
  dims: number[],
): Pick<GpuTensor, 'gpuBuffer' | 'device'> {
  const { device, dtype } = samples[0]!;
  const each =
    (dims.reduce((product, size) => product * size, 1) / samples.length) * (dtype === 'float16' ? 2 : 4);
  const freeSamples = () => {
    for (const { gpuBuffer } of samples) gpuBuffer.destroy();
  };
  if (each % COPY_BYTES !== 0) {
    freeSamples();
    throw new LeapError(
      'bad-option',
      `A batch of float16 pictures of ${dims.at(-1)}x${dims.at(-2)} pixels cannot be one tensor on the GPU. ` +
        "Ask for output.type 'float32' or output.location 'cpu', or run the latents one by one.",
      { dims },
    );
  }
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const gpuBuffer = device.createBuffer({
    size: Math.ceil((each * samples.length) / 16) * 16,
    usage: STORAGE | COPY_SRC | COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  for (const [i, sample] of samples.entries()) {
    encoder.copyBufferToBuffer(sample.gpuBuffer, 0, gpuBuffer, i * each, each);
  }
  device.queue.submit([encoder.finish()]);
  freeSamples();
  return { gpuBuffer, device };
}
