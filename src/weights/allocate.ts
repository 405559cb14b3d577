import { LeapError } from '../errors';

/**
 * Bytes in memory, all zero. Sizes come from strangers' headers and answers, and may be any number.
 * @throws LeapError `too-large` for more than this machine gives
 */
export function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new LeapError('too-large', `${bytes} bytes do not fit into memory.`, { bytes }, { cause });
  }
}
