import { LeapError } from '../errors';

/**
 * Allocates bytes, all zero. The size may be any number, because it comes from a stranger's header or answer.
 * @throws LeapError `too-large` when this machine does not give that much
 */
export function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new LeapError('too-large', `${bytes} bytes do not fit into memory.`, { bytes }, { cause });
  }
}
