import { bfloatToFloat, bytesPer, floatToHalf } from '../../formats';
import type { Dtype } from '../../formats/types';

/** The magnitude from which float32 would round to infinity in float16. */
const OVERFLOW = 65520;

/** What {@link narrowTensor} makes of a dtype, unless a value is too large for it. */
export function narrowDtype(dtype: Dtype): Dtype {
  return dtype === 'F32' || dtype === 'BF16' || dtype === 'F64' ? 'F16' : dtype;
}

/**
 * Narrows a tensor for storage: floats become float16, rounded to nearest even. A tensor with a value beyond float16's
 * range becomes, or stays, float32 as a whole. Infinities and NaN count as beyond it. Other types are copied.
 *
 * @param bytes little-endian, at any offset
 */
export function narrowTensor(dtype: Dtype, bytes: Uint8Array): { dtype: Dtype; bytes: Uint8Array } {
  if (narrowDtype(dtype) === dtype) return { dtype, bytes: bytes.slice() };
  const values = readFloats(dtype, bytes);
  const half = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Also true for NaN.
    if (!(value < OVERFLOW && value > -OVERFLOW)) return { dtype: 'F32', bytes: asBytes(values) };
    half[i] = floatToHalf(value);
  }
  return { dtype: 'F16', bytes: asBytes(half) };
}

function readFloats(dtype: Dtype, bytes: Uint8Array): Float32Array {
  const aligned = bytes.slice().buffer;
  const count = bytes.length / bytesPer(dtype);
  if (dtype === 'F32') return new Float32Array(aligned, 0, count);
  if (dtype === 'F64') return new Float32Array(new Float64Array(aligned, 0, count));
  const bits = new Uint16Array(aligned, 0, count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = bfloatToFloat(bits[i]!);
  return values;
}

function asBytes(array: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
