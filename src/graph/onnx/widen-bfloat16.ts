import type { NamedTensor } from '../../formats/types';
import { type LoadedWeights, packWeights } from './pack-weights';

/**
 * Rewrites bfloat16 tensors as float32, which loses nothing: the bytes are the upper half.
 *
 * onnxruntime reads bfloat16 on the CPU and in wasm, but its WebGPU provider refuses a session that has any.
 *
 * @returns the same object when there is no bfloat16, else a packed file with the same path
 */
export function widenBfloat16(weights: LoadedWeights): LoadedWeights {
  const { path, header } = weights.file;
  const entries = [...header.entries.values()];
  if (!entries.some(({ dtype }) => dtype === 'BF16')) return weights;
  const tensors = entries.map(({ name, shape, dtype, begin, end }): NamedTensor => {
    const bytes = weights.bytes.subarray(begin, end);
    return dtype === 'BF16'
      ? { name, shape, dtype: 'F32', bytes: widen(bytes) }
      : { name, shape, dtype, bytes };
  });
  return packWeights(tensors, { path, metadata: header.metadata });
}

function widen(stored: Uint8Array): Uint8Array {
  const wide = new Uint8Array(2 * stored.length);
  for (let i = 0; i < stored.length; i += 2) {
    wide[2 * i + 2] = stored[i]!;
    wide[2 * i + 3] = stored[i + 1]!;
  }
  return wide;
}
