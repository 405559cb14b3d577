import { LeapError } from '../../errors';
import { Budget } from '../budget';
import { bytesPer } from '../dtypes';
import type { TensorFile } from '../types';
import { TorchHost } from './torch-host';
import { readPickledTensors } from './torch-pickle';
import { unpickleAt } from './unpickle';

/** The number 0x1950a86a20f9469cfc6c as a pickled long. */
const MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const PROTOCOL = 0x80;
/** From protocol 4 on pickles are framed: an opcode and eight bytes. */
const FRAME = 0x95;
const FRAME_BYTES = 9;
const COUNT_BYTES = 8;

export function looksLikeLegacyTorch(bytes: Uint8Array): boolean {
  const start = bytes[2] === FRAME ? 2 + FRAME_BYTES : 2;
  return bytes[0] === PROTOCOL && MAGIC.every((byte, at) => bytes[start + at] === byte);
}

/**
 * The tensors of a file that PyTorch wrote before 1.6, or since with `_use_new_zipfile_serialization=False`: five
 * pickles (magic number, version, system, object, keys of the storages), then the elements of each storage behind
 * their number. The pickles are read as data.
 * Format: PyTorch `torch/serialization.py` (`_legacy_save`, `_legacy_load`).
 * @throws LeapError `damaged-file`, `too-large`, `unsupported` (big-endian, no plain tensor)
 */
export function readLegacyTorch(file: Uint8Array): TensorFile {
  const host = new TorchHost();
  let at = 0;
  const next = (): unknown => {
    const { value, end } = unpickleAt(file, at, host);
    at = end;
    return value;
  };
  const [, , system, root, keys] = [next(), next(), next(), next(), next()];
  if (system instanceof Map && system.get('little_endian') === false) {
    throw new LeapError(
      'unsupported',
      'The file was saved on a big-endian machine. Load it there by torch.load, then save it with safetensors.',
      { complete: true },
    );
  }
  if (!Array.isArray(keys)) throw damaged('has no list of its storages');
  const storages = new Map<string, Uint8Array>();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (const key of keys as unknown[]) {
    const each = typeof key === 'string' ? elementBytes(host, key) : undefined;
    if (!each || at + COUNT_BYTES > file.length) throw damaged('is cut off before its storages');
    const bytes = Number(view.getBigUint64(at, true)) * each;
    at += COUNT_BYTES;
    if (bytes > file.length - at) throw damaged('is cut off within a storage');
    storages.set(key as string, file.subarray(at, at + bytes));
    at += bytes;
  }
  const readStorage = (key: string): Uint8Array => {
    const bytes = storages.get(key);
    if (!bytes) throw damaged(`lacks the storage ${key}`);
    return bytes;
  };
  return {
    container: 'torch-legacy',
    ...readPickledTensors(root, host, readStorage, new Budget(file.length)),
  };
}

/** @returns undefined for a storage that no tensor has, or one of an unknown type */
function elementBytes(host: TorchHost, key: string): number | undefined {
  const storage = host.storages.get(key);
  return storage ? bytesPer(storage.dtype) : host.skipped.get(key);
}

function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The PyTorch file ${what}.`);
}
