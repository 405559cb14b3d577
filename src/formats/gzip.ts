import { Gunzip } from 'fflate';
import { LeapError } from '../errors';
import { Budget } from './budget';
import { pushSteps } from './push-steps';
import { crc32 } from './zip/crc32';

/** CRC-32 and length modulo 2^32 of what a member unpacks to, behind its data (RFC 1952, section 2.3.1). */
const TRAILER_BYTES = 8;

export function looksLikeGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * What is in a gzip file, of all its members together.
 * @throws LeapError `damaged-file` also where a checksum is another, `too-large` when it unpacks to more than is plausible
 */
export function readGzip(file: Uint8Array): Uint8Array {
  const budget = new Budget(file.length);
  const chunks: Uint8Array[] = [];
  let member = { crc: 0, length: 0 };
  const stream = new Gunzip((chunk) => {
    budget.spend(chunk.length, 'The gzip file');
    chunks.push(chunk);
    member = { crc: crc32(chunk, member.crc), length: member.length + chunk.length };
  });
  // fflate does not look at the trailers.
  stream.onmember = (start) => {
    checkTrailer(file.subarray(0, start), member);
    member = { crc: 0, length: 0 };
  };
  pushSteps(stream, file, 'The gzip file');
  checkTrailer(file, member);
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** @param file up to the end of the member */
function checkTrailer(file: Uint8Array, { crc, length }: { crc: number; length: number }): void {
  const end = file.byteOffset + file.length - TRAILER_BYTES;
  const trailer = new DataView(file.buffer, end, TRAILER_BYTES);
  if (trailer.getUint32(0, true) === crc && trailer.getUint32(4, true) === length >>> 0) return;
  throw new LeapError(
    'damaged-file',
    'The gzip file is damaged: what it unpacks to does not have the length and checksum that it states.',
  );
}
