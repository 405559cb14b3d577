import type { Dtype } from '../../formats/types';
import { type LoadedWeights, packWeights } from '../../graph/onnx/pack-weights';
import { randomTensor } from './random-weights';

/** Random weights stored in a 16-bit type, and the float32 values that they stand for. */
export function makeHalfWeights(shapes: Record<string, number[]>, dtype: 'F16' | 'BF16'): LoadedWeights {
  const round = dtype === 'F16' ? toHalf : toBfloat;
  return packWeights(
    Object.entries(shapes).map(([name, shape]) => ({
      name,
      shape,
      dtype: dtype as Dtype,
      bytes: new Uint8Array(Uint16Array.from(randomTensor(name, shape), round).buffer),
    })),
  );
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half, truncated. */
function toBfloat(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint16(0);
}

/** For magnitudes below 65504; subnormals become zero, the rest is rounded to nearest, ties away. */
function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const rounded = (bits & 0x7fffffff) + 0x1000;
  const exponent = (rounded >>> 23) - 112;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((rounded >>> 13) & 0x3ff);
}
