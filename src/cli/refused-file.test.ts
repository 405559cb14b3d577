import { writeFile } from 'node:fs/promises';
import { beforeAll, expect, it, vi } from 'vitest';
import { writeLatent } from '../latent';
import { makeLatent } from '../testing/engine/test-models';
import { makeModelFolder } from '../testing/model-folder';
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

const { path, options: models } = makeModelFolder();

beforeAll(async () => {
  for (const name of [LOCKED, 'open.safetensors'])
    await writeFile(path(name), writeLatent(makeLatent('sdxl', 8, 8), 'safetensors'));
});

it('a file that nobody may open is refused by the system, and not an internal error', async () => {
  const files = [LOCKED, 'open.safetensors'].map(path);
  const { code, out } = await runCli('inspect', '--json', ...files);
  expect(code).toBe(EXIT.someFailed);
  const [locked, open] = out.map((line) => JSON.parse(line) as Inspection);
  expect(locked!.error).toEqual({
    code: 'file-refused',
    message: expect.stringContaining('You do not have permission to open it (EACCES)'),
  });
  expect(open!.latents).toHaveLength(1);

  const options = ['--out', path('out'), '--method', 'bicubic', ...models];
  const upscaled = await runCli('upscale', ...files, ...options);
  expect(upscaled.err).toEqual([expect.stringMatching(/locked\.safetensors: .*EACCES.* \[file-refused\]/)]);
  expect(upscaled.out).toHaveLength(1);
});
