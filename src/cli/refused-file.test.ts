import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { writeLatent } from '../latent';
import { makeLatent, makeTestModels } from '../testing/engine/test-models';
import { runCli } from '../testing/run-cli';
import type { Inspection } from './inspect/inspect-file';
import { EXIT } from './run-command';

/** A file that is there, but that the system lets nobody open. Whoever runs the tests may be allowed everything. */
const LOCKED = 'locked.safetensors';

vi.mock('node:fs/promises', async (load) => {
  const system = await load<typeof import('node:fs/promises')>();
  const refuse = (path: unknown, syscall: string) => {
    if (!String(path).endsWith(LOCKED)) return;
    const message = `EACCES: permission denied, ${syscall} '${String(path)}'`;
    throw Object.assign(new Error(message), { code: 'EACCES', errno: -13, syscall, path: String(path) });
  };
  return {
    ...system,
    open: async (...args: Parameters<typeof system.open>) => {
      refuse(args[0], 'open');
      return system.open(...args);
    },
    readFile: async (...args: Parameters<typeof system.readFile>) => {
      refuse(args[0], 'open');
      return system.readFile(...args);
    },
  };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
  const { catalog, files } = makeTestModels();
  await writeFile(join(folder, 'catalog.json'), JSON.stringify(catalog));
  for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
  await writeFile(join(folder, LOCKED), writeLatent(makeLatent('sdxl', 8, 8), 'safetensors'));
  await writeFile(join(folder, 'open.safetensors'), writeLatent(makeLatent('sdxl', 8, 8), 'safetensors'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a file that nobody may open is refused by the system, and not an internal error', async () => {
  const files = [join(folder, LOCKED), join(folder, 'open.safetensors')];
  const { code, out } = await runCli('inspect', '--json', ...files);
  expect(code).toBe(EXIT.someFailed);
  const [locked, open] = out.map((line) => JSON.parse(line) as Inspection);
  expect(locked!.error).toEqual({
    code: 'file-refused',
    message: expect.stringContaining('You do not have permission to open it (EACCES)'),
  });
  expect(open!.latents).toHaveLength(1);

  const options = ['--out', join(folder, 'out'), '--method', 'bicubic', '--models', folder];
  const upscaled = await runCli('upscale', ...files, ...options, '--threads', '1');
  expect(upscaled.err).toEqual([expect.stringMatching(/locked\.safetensors: .*EACCES.* \[file-refused\]/)]);
  expect(upscaled.out).toHaveLength(1);
});
