import { LeapError } from '../errors';
import type { Dtype, NamedTensor } from '../formats';
import { readClaim } from './read-latents';
import type { Latent, ReadHints } from './types';

/** Values in C order that code hands over. */
export interface PlainTensor {
  data: Float32Array | Float64Array | Uint16Array;
  /** [C,H,W], [B,C,H,W], or packed [N,4C] or [B,N,4C]. */
  dims: ArrayLike<number>;
  /** For Uint16Array: which 16-bit float it holds. It is checked for the others. */
  dtype?: 'float32' | 'float64' | 'float16' | 'bfloat16';
}

const DTYPES = { float32: 'F32', float64: 'F64', float16: 'F16', bfloat16: 'BF16' } as const;

/**
 * A tensor handed over by code, as {@link readLatents} reads one from a file. The values are copied.
 * @throws LeapError `bad-option` when data, dims and dtype do not fit together; else as `readLatents`
 */
export function latentFromRaw(raw: PlainTensor, hints: ReadHints = {}): Latent[] {
  const tensor = toTensor(raw);
  return readClaim({ writer: '', tensor, others: [], preScale: 1, history: [] }, 'tensor', hints);
}

function toTensor({ data, dims, dtype }: PlainTensor): NamedTensor {
  const native = nativeDtype(data);
  const wanted = dtype ? DTYPES[dtype] : native;
  const sixteen = wanted === 'F16' || wanted === 'BF16';
  if (!wanted || (data instanceof Uint16Array ? !sixteen : wanted !== native)) {
    throw new LeapError(
      'bad-option',
      data instanceof Uint16Array
        ? `The values of a Uint16Array need the dtype 'float16' or 'bfloat16', not ${dtype}.`
        : `A ${data.constructor.name} does not hold ${dtype ?? 'a float type that is known'}.`,
    );
  }
  const shape = Array.from(dims, Number);
  const whole = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!whole || shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new LeapError('bad-option', `A tensor of ${data.length} values does not have the dims [${shape}].`);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name: '', dtype: wanted, shape, bytes };
}

function nativeDtype(data: PlainTensor['data']): Dtype | undefined {
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Float64Array ? 'F64' : undefined;
}
