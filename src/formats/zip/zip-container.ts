import { LeapError } from '../../errors';
import { isNpz, readNpz } from '../npy/npz';
import { isTorchZip, readTorchZip } from '../torch/torch-zip';
import type { TensorFile } from '../types';
import { readZipDirectory, refuseOverlaps } from './zip-directory';

/**
 * The two kinds of tensor archives, told apart by what is in them.
 * @throws LeapError `unknown-format` for any other archive; else what their readers throw
 */
export function readZipContainer(file: Uint8Array): TensorFile {
  const entries = readZipDirectory(file);
  refuseOverlaps(file, entries);
  if (isTorchZip(entries)) return readTorchZip(file, entries);
  if (isNpz(entries)) return readNpz(file, entries);
  throw new LeapError('unknown-format', 'This zip archive was written neither by numpy nor by PyTorch.', {
    names: entries.slice(0, 5).map(({ name }) => name),
  });
}
