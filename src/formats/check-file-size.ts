import { LeapError } from '../errors';

/** A latent of 4096 x 4096 pixels has 32 MB. A file beyond this limit is something else. */
export const MAX_FILE_BYTES = 1 << 30;

/** Call this before a file is read into memory. @throws LeapError `too-large` */
export function checkFileSize(bytes: number): void {
  if (bytes <= MAX_FILE_BYTES) return;
  const message = `The file has ${bytes} bytes. Files of latents are read up to 1 GiB.`;
  throw new LeapError('too-large', message, { bytes, limit: MAX_FILE_BYTES });
}
