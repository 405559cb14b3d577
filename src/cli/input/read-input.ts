import { readFile, stat } from 'node:fs/promises';
import { LeapError } from '../../errors';

/** A latent of 4096 x 4096 pixels has 32 MB. A file beyond this limit is something else. */
export const MAX_INPUT_BYTES = 1 << 30;

/**
 * Reads a regular file. A device or a pipe may have no end, so it is not opened.
 * @throws LeapError `too-large`, `file-refused`, or the file system's error
 */
export async function readInput(path: string): Promise<Uint8Array> {
  const size = await sizeOf(path);
  if (size <= MAX_INPUT_BYTES) return readFile(path);
  throw new LeapError('too-large', `The file has ${size} bytes. Files of latents are read up to 1 GiB.`, {
    bytes: size,
    limit: MAX_INPUT_BYTES,
  });
}

/** The size of a regular file in bytes. @throws LeapError `file-refused` for anything else, or the file system's error */
export async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw new LeapError('file-refused', 'It is a folder, not a file.');
  if (!stats.isFile()) throw new LeapError('file-refused', 'It is a device or a pipe, not a file.');
  return stats.size;
}
