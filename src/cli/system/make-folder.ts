import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own way of doing so never returns where the system refuses
 * a folder as missing whatever is there above it, such as in /proc.
 * @throws the file system's error
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) {
      if (await isFolder(dirname(path))) throw thrown;
      await makeFolder(dirname(path));
      await mkdir(path);
    } else if (!(await isFolder(path))) throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
