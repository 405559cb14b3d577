import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'leap-folder-'));
});
afterEach(() => rm(root, { recursive: true }));

it('makes what is missing above it, and takes what is there', async () => {
  const path = join(root, 'a', 'b', 'c');
  await makeFolder(path);
  await makeFolder(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

it('refuses a place that is a file, or below one', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.skipIf(!existsSync('/proc/self'))('refuses a folder in /proc at once', async () => {
  await expect(makeFolder('/proc/latent-leap')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(makeFolder('/proc/latent-leap/below')).rejects.toMatchObject({ code: 'ENOENT' });
});
