import { LeapError } from '../../errors';
import { Budget } from '../budget';
import type { TensorFile } from '../types';
import type { ZipEntry } from '../zip/zip-directory';
import { checkZipCrc, readZipEntry } from '../zip/zip-read';
import { looksLikeNpy, readNpyTensor } from './npy';

const SUFFIX = '.npy';

/** numpy's archives hold `.npy` files and nothing else. */
export function isNpz(entries: readonly ZipEntry[]): boolean {
  return entries.length > 0 && entries.every(({ name }) => name.endsWith(SUFFIX));
}

/**
 * `numpy.savez` and `savez_compressed`: one array per file, named without `.npy`. Arrays of Python objects are left
 * out: people keep captions beside latents, and no part of a pickle is ever run.
 * @throws LeapError `damaged-file`, `too-large`, `unsupported`
 */
export function readNpz(file: Uint8Array, entries: readonly ZipEntry[]): TensorFile {
  const budget = new Budget(file.length);
  const leftOut: string[] = [];
  const tensors = entries.flatMap((entry) => {
    const bytes = readZipEntry(file, entry, budget);
    checkZipCrc(bytes, entry);
    if (!looksLikeNpy(bytes))
      throw new LeapError('damaged-file', `The file ${entry.name} of the npz is not an npy.`);
    const name = entry.name.slice(0, -SUFFIX.length);
    try {
      return [readNpyTensor(bytes, name)];
    } catch (thrown) {
      if (entries.length === 1 || !(thrown instanceof LeapError) || thrown.code !== 'unsupported')
        throw thrown;
      leftOut.push(name);
      return [];
    }
  });
  return { container: 'npz', tensors, metadata: {}, leftOut };
}
