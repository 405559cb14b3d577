import { LeapError } from '../errors';
import { bytesPer } from './dtypes';
import { bfloatToFloat, floatToBfloat, floatToHalf, getHalfTable } from './half';
import type { Dtype, NamedTensor } from './types';

/**
 * A tensor's values as float32, in C order. F16 and BF16 widen exactly, F64 is rounded.
 * The result never shares memory with the file.
 * @throws LeapError `unsupported` for integers and booleans.
 */
export function toFloat32(tensor: NamedTensor): Float32Array {
  const { bytes, dtype, name } = tensor;
  const count = bytes.byteLength / bytesPer(dtype);
  switch (dtype) {
    case 'F32':
      return new Float32Array(alignedCopy(bytes), 0, count);
    case 'F64':
      return new Float32Array(new Float64Array(alignedCopy(bytes), 0, count));
    case 'F16': {
      const table = getHalfTable();
      return mapBits(bytes, count, (bits) => table[bits]!);
    }
    case 'BF16':
      return mapBits(bytes, count, bfloatToFloat);
    default:
      throw new LeapError(
        'unsupported',
        `The tensor ${name} holds ${dtype}; expected F16, BF16, F32 or F64.`,
        {
          tensor: name,
          dtype,
        },
      );
  }
}

/** Values -> little-endian bytes of a float dtype, rounded to nearest even. */
export function fromFloat32(values: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.slice().buffer);
  const convert = dtype === 'F16' ? floatToHalf : floatToBfloat;
  const bits = new Uint16Array(values.length);
  for (let at = 0; at < values.length; at++) bits[at] = convert(values[at]!);
  return new Uint8Array(bits.buffer);
}

/** Reverses the bytes of every element in a copy: numpy's `>f4` and its like. */
export function swapBytes(bytes: Uint8Array, dtype: Dtype): Uint8Array {
  const size = bytesPer(dtype);
  const swapped = bytes.slice();
  for (let at = 0; at + size <= swapped.length; at += size) swapped.subarray(at, at + size).reverse();
  return swapped;
}

/** A plain loop: `Float32Array.from` with a function is ten times slower. */
function mapBits(bytes: Uint8Array, count: number, convert: (bits: number) => number): Float32Array {
  const bits = new Uint16Array(alignedCopy(bytes), 0, count);
  const values = new Float32Array(count);
  for (let at = 0; at < count; at++) values[at] = convert(bits[at]!);
  return values;
}

// Every platform with WebAssembly is little-endian, so typed arrays read the file's order. The copy is needed
// anyway: a tensor may start at an odd offset of its file.
function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}
