import { Gunzip } from 'fflate';
import { Budget } from './budget';
import { pushSteps } from './push-steps';

export function looksLikeGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * What is in a gzip file.
 * @throws LeapError `damaged-file`, `too-large` when it unpacks to more than is plausible
 */
export function readGzip(file: Uint8Array): Uint8Array {
  const budget = new Budget(file.length);
  const chunks: Uint8Array[] = [];
  const stream = new Gunzip((chunk) => {
    budget.spend(chunk.length, 'The gzip file');
    chunks.push(chunk);
  });
  pushSteps(stream, file, 'The gzip file');
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
