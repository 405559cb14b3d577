import { Gunzip } from 'fflate';
import { LeapError } from '../errors';
import { Budget } from './budget';

/** Compressed bytes per step, after which the total is checked. */
const STEP_BYTES = 4096;

export function looksLikeGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * What is in a gzip file.
 * @throws LeapError `damaged-file`, `too-large` when it unfolds to more than is believable
 */
export function readGzip(file: Uint8Array): Uint8Array {
  const budget = new Budget(file.length);
  const chunks: Uint8Array[] = [];
  const stream = new Gunzip((chunk) => {
    budget.spend(chunk.length, 'The gzip file');
    chunks.push(chunk);
  });
  try {
    for (let from = 0; from < file.length; from += STEP_BYTES) {
      const to = Math.min(file.length, from + STEP_BYTES);
      stream.push(file.subarray(from, to), to === file.length);
    }
  } catch (cause) {
    if (cause instanceof LeapError) throw cause;
    throw new LeapError('damaged-file', 'The gzip file cannot be inflated.', {}, { cause });
  }
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
