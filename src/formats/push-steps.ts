import { LeapError } from '../errors';

/** Compressed bytes per step; a step gives at most about 4 MB, after which the total is checked. */
const STEP_BYTES = 4096;

/**
 * Feeds a stream of fflate piece by piece, so that whoever takes its output can stop it in time.
 * @param what is inflated, for the message
 * @throws LeapError `damaged-file`; what taking the output throws
 */
export function pushSteps(
  stream: { push(chunk: Uint8Array, final?: boolean): void },
  bytes: Uint8Array,
  what: string,
): void {
  try {
    for (let from = 0; from < bytes.length; from += STEP_BYTES) {
      const to = Math.min(bytes.length, from + STEP_BYTES);
      stream.push(bytes.subarray(from, to), to === bytes.length);
    }
  } catch (cause) {
    if (cause instanceof LeapError) throw cause;
    throw new LeapError('damaged-file', `${what} cannot be inflated.`, {}, { cause });
  }
}
