import { LeapError } from '../errors';
import { bytesPer, describeDtype } from './dtypes';
import { bfloatToFloat, float8ToFloat, floatToBfloat, floatToHalf, getHalfTable, halfToFloat } from './half';
import type { Dtype, NamedTensor } from './types';

/**
 * A tensor's values as float32, in C order. All but F64 widen exactly; F64 is rounded.
 * The result never shares memory with the file.
 * @throws LeapError `unsupported` for integers, booleans and complex numbers.
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
    case 'F8_E4M3':
      return Float32Array.from(bytes, float8ToFloat);
    case 'F8_E5M2':
      // The upper half of a binary16.
      return Float32Array.from(bytes, (bits) => halfToFloat(bits << 8));
    default: {
      const message = `The tensor ${name} holds ${describeDtype(dtype)}; expected floats.`;
      throw new LeapError('unsupported', message, { tensor: name, dtype });
    }
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
