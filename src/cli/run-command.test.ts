import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLatent, makeTestModels } from '../engine/test-models';
import { readTensorFile, toFloat32 } from '../formats';
import { writeLatent } from '../latent';
import { EXIT, runCommand } from './run-command';

let folder: string;
let models: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latent-leap-'));
  const { catalog, files } = makeTestModels();
  await writeFile(join(folder, 'catalog.json'), JSON.stringify(catalog));
  for (const [path, bytes] of files) await writeFile(join(folder, path), bytes);
  await writeFile(join(folder, 'cat.safetensors'), writeLatent(makeLatent('sdxl', 8, 12), 'safetensors'));
  await writeFile(join(folder, 'dog.latent'), writeLatent(makeLatent('flux1', 9, 8), 'comfyui'));
  await writeFile(join(folder, 'broken.latent'), 'no latent at all, only text');
  models = ['--models', folder, '--threads', '1'];
});

afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(args, '1.2.3', {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out, err };
}

const path = (name: string) => join(folder, name);

describe('upscale', () => {
  it('writes a picture and a latent per file, and a line of timings', async () => {
    const to = path('out');
    const { code, out, err } = await run(
      'upscale',
      path('cat.safetensors'),
      path('dog.latent'),
      '--out',
      to,
      '--save-latent',
      ...models,
      '--family',
      'sdxl',
      '--family',
      'flux1',
    );
    expect(err.join()).toMatch(/cat\.safetensors: .*\[not-a-latent\]/);
    expect(code).toBe(EXIT.someFailed);
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(/flux1 8x9 -> 128x144 px, lua x2; prepare \d+ ms, upscale \d+ ms, decode \d+ ms/);
    expect((await readdir(to)).sort()).toEqual(['dog-lua-x2.png', 'dog-lua-x2.safetensors']);
    const { width, height, channels } = decode(await readFile(join(to, 'dog-lua-x2.png')));
    expect([width, height, channels]).toEqual([128, 144, 3]);
    const [tensor] = readTensorFile(await readFile(join(to, 'dog-lua-x2.safetensors'))).tensors;
    expect(tensor!.shape.slice(-3)).toEqual([16, 18, 16]);
    expect(toFloat32(tensor!).every(Number.isFinite)).toBe(true);
  });

  it('succeeds on every file with exit code 0', async () => {
    const { code, out, err } = await run(
      'upscale',
      path('cat.safetensors'),
      '--out',
      path('four'),
      '--scale',
      '4',
      '--method',
      'bicubic',
      '--family',
      'sdxl',
      ...models,
    );
    expect(err).toEqual([]);
    expect(out).toHaveLength(1);
    expect(code).toBe(EXIT.done);
    expect(await readdir(path('four'))).toEqual(['cat-bicubic-x4.png']);
  });

  it('overwrites nothing when two files have the same name but for their ending', async () => {
    await writeFile(path('cat.npy'), writeLatent(makeLatent('sdxl', 8, 12), 'npy'));
    const args = [
      '--out',
      path('twins'),
      '--method',
      'bicubic',
      '--family',
      'sdxl',
      '--space',
      'model',
      ...models,
    ];
    const { code } = await run('upscale', path('cat.safetensors'), path('cat.npy'), ...args);
    expect(code).toBe(EXIT.done);
    expect((await readdir(path('twins'))).sort()).toEqual(['cat-2-bicubic-x2.png', 'cat-bicubic-x2.png']);
  });

  it('goes on after files that cannot be read, naming what is wrong with them', async () => {
    const { code, out, err } = await run(
      'upscale',
      path('broken.latent'),
      path('none.latent'),
      path('cat.safetensors'),
      '--out',
      path('some'),
      '--family',
      'sdxl',
      ...models,
    );
    expect(code).toBe(EXIT.someFailed);
    expect(out).toHaveLength(1);
    expect(err).toHaveLength(2);
    expect(err[0]).toMatch(/broken\.latent: .*\[(unknown-format|damaged-file)\]/);
    expect(err[1]).toMatch(/none\.latent: .*ENOENT/);
  });

  it('says what is wrong when there is no catalogue', async () => {
    const args = ['upscale', path('cat.safetensors'), '--out', path('x'), '--models', path('nowhere')];
    const { code, err } = await run(...args);
    expect(code).toBe(EXIT.someFailed);
    expect(err.join()).toMatch(/catalog/);
  });
});

describe('usage', () => {
  it.each([
    [[]],
    [['polish', 'a']],
    [['upscale', '--out', 'x']],
    [['upscale', 'a']],
    [['upscale', 'a', '--out', 'x', '--scale', '3']],
    [['upscale', 'a', '--out', 'x', '--family', 'sd9']],
    [['upscale', 'a', '--out', 'x', '--width', '-4']],
    [['upscale', 'a', '--out', 'x', '--colour', 'red']],
  ])('refuses %j with exit code 2', async (args) => {
    const { code, err } = await run(...args);
    expect(code).toBe(EXIT.usage);
    expect(err.at(-1)).toMatch(/--help/);
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({
      code: EXIT.done,
      out: [expect.stringContaining('Exit codes')],
    });
    expect(await run('--version')).toMatchObject({ code: EXIT.done, out: ['1.2.3'] });
  });
});
