import { LeapError } from '../errors';
import type { GpuTensor, LatentInput, OrtTensor, RawTensor } from './types';

/** What crosses to the worker: bytes, or values in an array. */
export type PlainInput = Blob | Uint8Array | ArrayBuffer | RawTensor;

type Dtype = NonNullable<RawTensor['dtype']>;
const DTYPES: readonly Dtype[] = ['float32', 'float64', 'float16', 'bfloat16'];

/**
 * Brings a tensor of onnxruntime or a buffer on a GPU to the CPU: neither can be cloned to a worker, whose device is
 * another one. Everything else is returned as it is.
 * @throws LeapError `bad-option` for what is none of these, or has an element type that is no float
 */
export async function toPlainInput(input: LatentInput): Promise<PlainInput> {
  if (typeof input !== 'object' || input === null) {
    const what = typeof input === 'string' ? 'an address or text' : String(input);
    throw new LeapError(
      'bad-option',
      `A latent is read from a File, a Blob, bytes or a tensor, not from ${what}. Fetch it first: await (await fetch(url)).blob().`,
    );
  }
  if (isOrtTensor(input)) return { ...toFloats(await input.getData(), input.type), dims: [...input.dims] };
  if (isGpuTensor(input)) {
    const { dims, dtype = 'float32' } = input;
    const bytes = await readBuffer(input);
    const count = dims.reduce((product, size) => product * size, 1);
    if (dtype === 'float32') return { data: new Float32Array(bytes, 0, count), dims: [...dims] };
    return { data: new Uint16Array(bytes, 0, count), dims: [...dims], dtype };
  }
  return input;
}

function toFloats(data: unknown, type: string): Pick<RawTensor, 'data' | 'dtype'> {
  const dtype = DTYPES.find((one) => one === type);
  if (
    dtype &&
    (data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint16Array)
  ) {
    return { data, dtype };
  }
  // Where the browser has Float16Array, onnxruntime uses it.
  if (dtype === 'float16' && ArrayBuffer.isView(data)) {
    return { data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), dtype };
  }
  throw new LeapError(
    'bad-option',
    `A tensor of ${type} is no latent; expected float32, float64 or float16.`,
    { type },
  );
}

/** A copy through a buffer that can be mapped; the caller's buffer needs the usage COPY_SRC. */
async function readBuffer({ gpuBuffer, device, dims, dtype }: GpuTensor): Promise<ArrayBuffer> {
  const bytes = dims.reduce((product, size) => product * size, dtype === 'float16' ? 2 : 4);
  if (bytes > gpuBuffer.size) {
    throw new LeapError(
      'bad-option',
      `A buffer of ${gpuBuffer.size} bytes does not hold the dims [${dims}].`,
    );
  }
  // Copies are in multiples of four bytes; the buffer itself has such a size.
  const size = Math.ceil(bytes / 4) * 4;
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(gpuBuffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}

function isOrtTensor(input: LatentInput): input is OrtTensor {
  return 'getData' in input && 'type' in input && 'dims' in input;
}

function isGpuTensor(input: LatentInput): input is GpuTensor {
  return 'gpuBuffer' in input && 'device' in input;
}
