import { Inflate } from 'fflate';
import { LeapError } from '../../errors';
import type { Budget } from '../budget';
import { pushSteps } from '../push-steps';
import { crc32 } from './crc32';
import { findZipData, type ZipEntry } from './zip-directory';

const STORED = 0;
const DEFLATED = 8;
/** The best ratio that deflate can reach. */
const MAX_RATIO = 1032;

/**
 * The bytes of one file of an archive: a view into the archive if it is stored, else inflated. They are never more than
 * the directory says, and that number is first counted against the budget.
 * @throws LeapError `damaged-file`, `unsupported` (encryption, another method), `too-large`
 */
export function readZipEntry(file: Uint8Array, entry: ZipEntry, budget: Budget): Uint8Array {
  const { name, method, encrypted, size, compressedSize } = entry;
  if (encrypted)
    throw new LeapError('unsupported', `The file ${name} of the archive is encrypted.`, { name });
  const start = findZipData(file, entry);
  const compressed = file.subarray(start, start + compressedSize);
  if (method === STORED) {
    if (size !== compressedSize)
      throw damaged(name, `is stored, but has two sizes, ${size} and ${compressedSize}`);
    return compressed;
  }
  if (method !== DEFLATED) {
    throw new LeapError(
      'unsupported',
      `The file ${name} uses the zip method ${method}; expected stored or deflated.`,
      {
        name,
        method,
      },
    );
  }
  if (size > compressedSize * MAX_RATIO)
    throw damaged(name, `cannot unpack to ${size} bytes from ${compressedSize}`);
  budget.spend(size, `The file ${name} of the archive`);
  return inflate(compressed, size, name);
}

/** @throws LeapError `damaged-file` when the bytes are not those that the archive was made from */
export function checkZipCrc(bytes: Uint8Array, { name, crc }: ZipEntry): void {
  if (crc32(bytes) !== crc) throw damaged(name, 'does not have the checksum of its directory');
}

function inflate(compressed: Uint8Array, size: number, name: string): Uint8Array {
  const inflated = new Uint8Array(size);
  let at = 0;
  const stream = new Inflate((chunk) => {
    if (at + chunk.length > size) throw damaged(name, `unpacks to more than its ${size} bytes`);
    inflated.set(chunk, at);
    at += chunk.length;
  });
  pushSteps(stream, compressed, `The file ${name} of the archive`);
  if (at !== size) throw damaged(name, `unpacks to ${at} bytes, not ${size}`);
  return inflated;
}

function damaged(name: string, what: string): LeapError {
  return new LeapError('damaged-file', `The file ${name} of the archive ${what}.`, { name });
}
