import type { NamedTensor, TensorEntry } from '../../formats/types';
import type { WeightsFile } from '../types';

/** A weights file and its bytes, into which the offsets of the header point. */
export interface LoadedWeights {
  file: WeightsFile;
  bytes: Uint8Array;
}

/** Every runtime can map offsets that are multiples of 8 bytes. */
const ALIGNMENT = 8;

/**
 * Puts tensors of any container (a torch zip, several files) one after another, so that a graph can point into them.
 *
 * @param options `path` is what the graph calls the file
 */
export function packWeights(
  tensors: NamedTensor[],
  options: { path?: string; metadata?: Record<string, string> } = {},
): LoadedWeights {
  const { path = 'weights', metadata = {} } = options;
  const entries = new Map<string, TensorEntry>();
  let end = 0;
  for (const { name, shape, dtype, bytes } of tensors) {
    const begin = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = begin + bytes.length;
    entries.set(name, { name, shape, dtype, begin, end });
  }
  const bytes = new Uint8Array(end);
  for (const tensor of tensors) bytes.set(tensor.bytes, entries.get(tensor.name)!.begin);
  return { file: { path, header: { entries, metadata, dataStart: 0 } }, bytes };
}
