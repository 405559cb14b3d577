import { LeapError } from '../../errors';
import { Budget } from '../budget';
import type { TensorFile } from '../types';
import type { ZipEntry } from '../zip/zip-directory';
import { readZipEntry } from '../zip/zip-read';
import { TorchHost } from './torch-host';
import { readPickledTensors } from './torch-pickle';
import { unpickle } from './unpickle';

const PICKLE = /^(?:(.*)\/)?data\.pkl$/;

/** An archive of `torch.save`: `<stem>/data.pkl`, `<stem>/data/<key>` per storage, `<stem>/byteorder`. */
export function isTorchZip(entries: readonly ZipEntry[]): boolean {
  return entries.some(({ name }) => PICKLE.test(name));
}

/**
 * The tensors of a `torch.save` file (PyTorch 1.6 and later), named by the path of keys that leads to each. The pickle
 * is read as data. Checksums are not: `torch.serialization.set_crc32_options(False)` leaves them wrong.
 * Format: PyTorch `torch/serialization.py` (`_save`, `_load`), `caffe2/serialize/inline_container.h`.
 * @throws LeapError `damaged-file`, `too-large`, `unsupported` (TorchScript, big-endian, no plain tensor)
 */
export function readTorchZip(file: Uint8Array, entries: readonly ZipEntry[]): TensorFile {
  const pickle = entries.find(({ name }) => PICKLE.test(name))!;
  const stem = PICKLE.exec(pickle.name)?.[1];
  const prefix = stem === undefined ? '' : `${stem}/`;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.has(`${prefix}constants.pkl`)) {
    throw new LeapError(
      'unsupported',
      'This is a TorchScript program, not a file of tensors. Save the tensor by torch.save.',
      { complete: true },
    );
  }
  const budget = new Budget(file.length);
  const order = byName.get(`${prefix}byteorder`);
  if (order && new TextDecoder().decode(readZipEntry(file, order, budget)) !== 'little') {
    throw new LeapError(
      'unsupported',
      'The file was saved on a big-endian machine. Load it there by torch.load, then save it with safetensors.',
      { complete: true },
    );
  }
  const host = new TorchHost();
  const root = unpickle(readZipEntry(file, pickle, budget), host);
  const readStorage = (key: string): Uint8Array => {
    const entry = byName.get(`${prefix}data/${key}`);
    if (!entry) throw new LeapError('damaged-file', `The torch file lacks the storage ${key}.`, { key });
    return readZipEntry(file, entry, budget);
  };
  return { container: 'torch-zip', ...readPickledTensors(root, host, readStorage, budget) };
}
