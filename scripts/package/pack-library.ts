import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a build makes and the package must hold. */
const BUILT = [
  'dist/lib/index.js',
  'dist/types/client/index.d.ts',
  'dist/node/cli.js',
  'dist/models/sdxl.js',
];

export interface PackedLibrary {
  /** Where the tarball is. */
  path: string;
  bytes: number;
  unpackedBytes: number;
  files: { path: string; size: number }[];
}

/**
 * Packs the library as it was built last.
 * @param folder where the tarball goes
 * @throws Error when nothing was built
 */
export function packLibrary(folder: string): PackedLibrary {
  const missing = BUILT.filter((path) => !existsSync(join(ROOT, path)));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} is missing. Run npm run build first.`);
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT);
  const [{ filename, size, unpackedSize, files }] = JSON.parse(packed) as [NpmPack];
  return { path: join(folder, filename), bytes: size, unpackedBytes: unpackedSize, files };
}

interface NpmPack {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

/** @returns what the command printed @throws Error with all of it, when the command fails */
export function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed:\n${error?.message ?? ''}${stdout}${stderr}`);
}
