import { readFile, stat } from 'node:fs/promises';
import { LeapError } from '../../errors';

/** A latent of 4096 x 4096 pixels is 32 MB; what is larger than this limit is another kind of file. */
export const MAX_INPUT_BYTES = 1 << 30;

/**
 * The bytes of a regular file. Devices and pipes, which may have no end, are not even opened.
 * @throws LeapError `too-large`, `file-refused`; else the file system's error
 */
export async function readInput(path: string): Promise<Uint8Array> {
  const size = await sizeOf(path);
  if (size <= MAX_INPUT_BYTES) return readFile(path);
  throw new LeapError('too-large', `The file has ${size} bytes; a latent has no more than 1 GiB.`, {
    bytes: size,
    limit: MAX_INPUT_BYTES,
  });
}

/** Bytes of a regular file. @throws LeapError `file-refused` for anything else; else the file system's error */
export async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw new LeapError('file-refused', 'It is a folder, not a file.');
  if (!stats.isFile()) throw new LeapError('file-refused', 'It is a device or a pipe, not a file.');
  return stats.size;
}
