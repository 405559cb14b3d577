import { LeapError } from '../../errors';
import { Budget } from '../budget';
import type { TensorFile } from '../types';
import type { ZipEntry } from '../zip/zip-directory';
import { readZipEntry } from '../zip/zip-read';
import { collectTensors } from './collect-tensors';
import { TorchHost } from './torch-host';
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
 * @throws LeapError `damaged-file`, `too-large`, `unsupported` (TorchScript, big-endian, globals that are not known)
 */
export function readTorchZip(file: Uint8Array, entries: readonly ZipEntry[]): TensorFile {
  const pickle = entries.find(({ name }) => PICKLE.test(name))!;
  const stem = PICKLE.exec(pickle.name)?.[1];
  const prefix = stem === undefined ? '' : `${stem}/`;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.has(`${prefix}constants.pkl`)) {
    throw new LeapError(
      'unsupported',
      'This is a TorchScript program, no file of tensors. Save the tensor by torch.save.',
    );
  }
  const budget = new Budget(file.length);
  const order = byName.get(`${prefix}byteorder`);
  if (order && new TextDecoder().decode(readZipEntry(file, order, budget)) !== 'little') {
    throw new LeapError(
      'unsupported',
      'The file was saved on a big-endian machine. Load it there by torch.load, then save it with safetensors.',
    );
  }
  const host = new TorchHost((key) => {
    const entry = byName.get(`${prefix}data/${key}`);
    if (!entry) throw new LeapError('damaged-file', `The torch file lacks the storage ${key}.`, { key });
    return readZipEntry(file, entry, budget);
  }, budget);
  const root = unpickle(readZipEntry(file, pickle, budget), host);
  return { container: 'torch-zip', tensors: collectTensors(root), metadata: {} };
}

/** Refused by name, because re-saving is easy. @returns a message, or undefined when the bytes are no such file */
export function explainOldTorch(bytes: Uint8Array): string | undefined {
  const protocol = bytes[1] ?? 0;
  if (bytes[0] !== 0x80 || protocol < 2 || protocol > 5) return undefined;
  const legacy = LEGACY_MAGIC.every((byte, at) => bytes[at + 2] === byte);
  return legacy
    ? 'This is a PyTorch file of the format before 1.6. Load it in Python and save it again: ' +
        'torch.save(torch.load(path), new_path), or better with safetensors.'
    : 'This is a Python pickle, which could run code. Save the tensor by torch.save, numpy or safetensors instead.';
}

/** The number 0x1950a86a20f9469cfc6c as a pickled long, with which the format before 1.6 begins. */
const LEGACY_MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Whether a weights file with these first bytes is a torch.save archive (`PK`) and no safetensors file. */
export function beginsAsZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b;
}
