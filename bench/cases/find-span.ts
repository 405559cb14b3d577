import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The ONNX files of a folder whose names begin with their factor. @returns scale -> bytes */
export async function findSpan(
  folder: string | undefined,
  scales: number[],
): Promise<Map<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  if (folder === undefined) return found;
  const names = await readdir(folder);
  for (const scale of scales) {
    const name = names.find((one) => one.startsWith(`${scale}x`) && one.endsWith('.onnx'));
    if (name) found.set(scale, await readFile(join(folder, name)));
  }
  return found;
}
