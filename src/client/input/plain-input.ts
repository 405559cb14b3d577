import { LeapError, toLeapError } from '../../errors';
import type { PlainTensor } from '../../latent/latent-from-raw';
import type { GpuTensor, LatentInput, OrtTensor } from '../types';
import { isImageData } from './is-image-data';
import { isRawTensor } from './is-raw-tensor';
import { readBuffer } from './read-buffer';

/** What crosses to the worker: bytes, pixels, or values in an array. */
export type PlainInput = Blob | Uint8Array | ArrayBuffer | ImageData | PlainTensor;

type Dtype = NonNullable<PlainTensor['dtype']>;
const DTYPES: readonly Dtype[] = ['float32', 'float64', 'float16', 'bfloat16'];

/**
 * Brings a tensor of onnxruntime or a buffer on a GPU to the CPU: neither can be cloned to a worker, whose device is
 * another one. The tensor itself stays as it is. Everything else is returned as it is.
 *
 * @throws LeapError `bad-option` for what is none of these, or has an element type that is not a float
 */
export async function toPlainInput(input: LatentInput): Promise<PlainInput> {
  if (typeof input !== 'object' || input === null) {
    const what = typeof input === 'string' ? 'an address or text' : String(input);
    throw new LeapError(
      'bad-option',
      `A latent is read from a File, a Blob, bytes or a tensor, not from ${what}. Fetch it first: await (await fetch(url)).blob().`,
    );
  }
  if (isGpuTensor(input)) return readBuffer(input);
  if (isOrtTensor(input)) return { ...toFloats(await valuesOf(input), input.type), dims: dimsOf(input) };
  if (isRawTensor(input)) return { ...toFloats(input.data, input.dtype), dims: dimsOf(input) };
  if (input instanceof Uint8Array) checkArray(input);
  if (input instanceof Blob || input instanceof Uint8Array || isArrayBuffer(input) || isImageData(input))
    return input;
  throw new LeapError(
    'bad-option',
    `Expected a Blob, bytes, ImageData, or a tensor { data, dims }${lackOf(input)}.`,
  );
}

/** What is missing of a tensor. */
function lackOf(input: object): string {
  if (ArrayBuffer.isView(input)) return `; a ${nameOf(input)} alone does not say its shape`;
  return 'data' in input && 'shape' in input ? ', with dims instead of shape' : '';
}

/**
 * The same tensor as a buffer of the host's device, where it lies in one.
 * @param device the host's; a tensor of onnxruntime does not tell which one it is on
 */
export function asGpuTensor(input: unknown, device: GpuTensor['device']): GpuTensor | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  if (isGpuTensor(input)) return input.device === device ? input : undefined;
  const tensor = input as Partial<OrtTensor> & { location?: string } & Partial<GpuTensor>;
  // Onnxruntime's tensors throw when they are asked for a buffer that they do not have.
  if (tensor.location !== 'gpu-buffer') return undefined;
  const { gpuBuffer, type, dims } = tensor;
  if (!gpuBuffer || !dims) return undefined;
  if (type !== 'float32' && type !== 'float16') return undefined;
  return { gpuBuffer, device, dims: Array.from(dims, Number), dtype: type };
}

function toFloats(data: unknown, type: string | undefined): Pick<PlainTensor, 'data' | 'dtype'> {
  // Where the browser has Float16Array, onnxruntime uses it.
  if (isFloat16Array(data) && (type === undefined || type === 'float16')) {
    return { data: new Uint16Array(data.buffer, data.byteOffset, data.length), dtype: 'float16' };
  }
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint16Array) {
    checkArray(data);
    const dtype = DTYPES.find((one) => one === type);
    if (dtype) return { data, dtype };
    if (type === undefined) return { data };
  }
  if (Array.isArray(data)) {
    throw new LeapError('bad-option', 'The values are in a plain array. Pass them as a Float32Array.');
  }
  throw new LeapError(
    'bad-option',
    `A tensor of ${type ?? nameOf(data)} is not a latent. Expected float32, float64 or float16 in a typed array.`,
    { type },
  );
}

/** @throws LeapError `bad-option` for an array in a proxy, as frameworks make them, and for one whose buffer was moved */
function checkArray(data: Uint8Array | PlainTensor['data']): void {
  if (!ArrayBuffer.isView(data)) {
    throw new LeapError(
      'bad-option',
      'The values are in a proxy of a typed array. Pass the array itself, or copy it into a new Float32Array.',
    );
  }
  if (data.byteLength > 0) return;
  throw new LeapError(
    'bad-option',
    'The array is empty, or its buffer was moved to another thread. Pass a copy that was made before: new Float32Array(values).',
  );
}

/**
 * `getData` of a tensor on a GPU turns it into one on the CPU. It writes that down on the object that it is called on:
 * here on one in front of the tensor.
 */
async function valuesOf(tensor: OrtTensor): Promise<unknown> {
  const { location } = tensor as { location?: string };
  if (location === 'none') {
    throw new LeapError(
      'bad-option',
      'The tensor was disposed of, so its values are gone. Pass it before that.',
    );
  }
  if (!tensor.getData || location === undefined || location === 'cpu')
    return tensor.data ?? tensor.getData?.();
  try {
    return await tensor.getData.call(Object.create(tensor));
  } catch (cause) {
    const message = `The tensor on the ${location} cannot be read: ${toLeapError(cause).message} If its buffer is your own, pass { gpuBuffer, device, dims }.`;
    throw new LeapError('bad-option', message, { location }, { cause });
  }
}

function dimsOf({ dims }: { dims: ArrayLike<number> }): number[] {
  const sizes = typeof dims === 'object' && dims !== null ? Array.from(dims, Number) : [];
  if (sizes.length > 0 && sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return sizes;
  throw new LeapError('bad-option', `The dims of a tensor are whole numbers, not ${String(dims)}.`);
}

function isOrtTensor(input: object): input is OrtTensor {
  return 'type' in input && 'dims' in input && ('getData' in input || 'data' in input);
}

function isGpuTensor(input: object): input is GpuTensor {
  return 'gpuBuffer' in input && 'device' in input;
}

/** Also one of another frame or realm. */
function isArrayBuffer(input: object): input is ArrayBuffer {
  return Object.prototype.toString.call(input) === '[object ArrayBuffer]';
}

function isFloat16Array(data: unknown): data is Uint16Array<ArrayBuffer> {
  return ArrayBuffer.isView(data) && data.constructor.name === 'Float16Array';
}

function nameOf(data: unknown): string {
  return (data as object | null)?.constructor?.name ?? String(data);
}
