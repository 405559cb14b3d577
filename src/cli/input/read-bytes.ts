import { readFile, stat } from 'node:fs/promises';
import { LeapError } from '../../errors';
import { checkFileSize } from '../../formats';

/**
 * Reads a regular file. A device or a pipe may have no end, so it is not opened.
 * @throws LeapError `too-large`, `file-refused`, or the file system's error
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  checkFileSize(await sizeOf(path));
  return readFile(path);
}

/** The size of a regular file in bytes. @throws LeapError `file-refused` for anything else, or the file system's error */
export async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path);
  if (stats.isDirectory()) throw new LeapError('file-refused', 'It is a folder, not a file.');
  if (!stats.isFile()) throw new LeapError('file-refused', 'It is a device or a pipe, not a file.');
  return stats.size;
}
