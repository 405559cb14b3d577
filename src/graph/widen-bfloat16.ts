import type { TensorEntry } from '../formats/types';
import type { WeightsFile } from './types';

/** A weights file and its bytes; the header's offsets point into them. */
export interface LoadedWeights {
  file: WeightsFile;
  bytes: Uint8Array;
}

/**
 * Rewrites bfloat16 tensors as float32, which loses nothing: the bytes are the upper half.
 *
 * onnxruntime reads bfloat16 on the CPU and in wasm, but its WebGPU provider refuses a session that has any.
 *
 * @returns the same object when there is no bfloat16; else a file of the same path, its tensors one after another,
 *   each at a multiple of 8 bytes
 */
export function widenBfloat16(weights: LoadedWeights): LoadedWeights {
  const { path, header } = weights.file;
  if (![...header.entries.values()].some((entry) => entry.dtype === 'BF16')) return weights;
  const entries = new Map<string, TensorEntry>();
  let end = 0;
  for (const entry of header.entries.values()) {
    const wide = entry.dtype === 'BF16';
    const begin = Math.ceil(end / 8) * 8;
    end = begin + (entry.end - entry.begin) * (wide ? 2 : 1);
    entries.set(entry.name, { ...entry, dtype: wide ? 'F32' : entry.dtype, begin, end });
  }
  const bytes = new Uint8Array(end);
  for (const [name, { begin, end: stop }] of entries) {
    const source = header.entries.get(name)!;
    const stored = weights.bytes.subarray(source.begin, source.end);
    if (source.dtype === 'BF16') copyUpperHalves(stored, bytes.subarray(begin, stop));
    else bytes.set(stored, begin);
  }
  return { file: { path, header: { entries, metadata: header.metadata, dataStart: 0 } }, bytes };
}

function copyUpperHalves(stored: Uint8Array, wide: Uint8Array): void {
  for (let i = 0; i < stored.length; i += 2) {
    wide[2 * i + 2] = stored[i]!;
    wide[2 * i + 3] = stored[i + 1]!;
  }
}
