import { stat } from 'node:fs/promises';
import { LeapError } from '../../errors';

/** Call this before anything is computed for the folder. @throws LeapError `bad-option` where it is a file */
export async function checkFolder(option: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.isDirectory()) return;
  throw new LeapError('bad-option', `${option} expects a folder, and ${path} is a file. Name another one.`);
}
