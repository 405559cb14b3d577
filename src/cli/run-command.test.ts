import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { type NamedTensor, readTensorFile, toFloat32 } from '../formats';
import { writeSafetensors } from '../formats/safetensors/safetensors';
import { writeLatent } from '../latent';
import { makeLatent } from '../testing/engine/test-models';
import { taesdShapes } from '../testing/graph/network-shapes';
import { randomTensor } from '../testing/graph/random-weights';
import { makeModelFolder } from '../testing/model-folder';
import { runCli } from '../testing/run-cli';
import { EXIT } from './run-command';

const { path, options: models } = makeModelFolder();

beforeAll(async () => {
  await writeFile(path('cat.safetensors'), writeLatent(makeLatent('sdxl', 8, 12), 'safetensors'));
  await writeFile(path('dog.latent'), writeLatent(makeLatent('flux1', 9, 8), 'comfyui'));
  await writeFile(path('broken.latent'), 'no latent at all, only text');
});

/** Three latents in one tensor. */
function makeBatch(): Uint8Array {
  const { data } = makeLatent('sdxl', 3 * 8, 12);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return writeSafetensors([{ name: 'latent', dtype: 'F32', shape: [3, 4, 8, 12], bytes }]);
}

/** The fraction of multiples of an irrational number: even, and in no order. Above 0. */
const fraction = (at: number, step: number) => ((at + 1) * step) % 1 || 1;

/** A TAESD decoder of four channels, with random weights. */
function makeTinyDecoder(): Uint8Array {
  const shapes = taesdShapes('decoder', 4, false);
  const tensors = Object.entries(shapes).map(([name, shape]): NamedTensor => {
    const values = randomTensor(name, shape).map((value) => value * 0.05);
    return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
  });
  return writeSafetensors(tensors);
}

describe('upscale', () => {
  it('makes no picture of a checkpoint', async () => {
    const authors = fileURLToPath(new URL('../engine/__fixtures__/lua-authors.pth', import.meta.url));
    const { code, err, out } = await runCli('upscale', authors, '--out', path('none'), ...models);
    expect(code).toBe(EXIT.someFailed);
    expect(out).toEqual([]);
    expect(err.join()).toMatch(/This is a model, not a latent: .*Use it with --method FILE/);
  });

  it('writes a picture and a latent per file, and a line of timings', async () => {
    const to = path('out');
    const { code, out, err } = await runCli(
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
    expect(out[0]).toMatch(
      /; 1 upscaling tile, 1 decoding tile, cpu fp32 -> \S+dog-lua-x2\.png, \S+dog-lua-x2\.safetensors$/,
    );
    expect((await readdir(to)).sort()).toEqual(['dog-lua-x2.png', 'dog-lua-x2.safetensors']);
    const { width, height, channels } = decode(await readFile(join(to, 'dog-lua-x2.png')));
    expect([width, height, channels]).toEqual([128, 144, 3]);
    const [tensor] = readTensorFile(await readFile(join(to, 'dog-lua-x2.safetensors'))).tensors;
    expect(tensor!.shape.slice(-3)).toEqual([16, 18, 16]);
    expect(toFloat32(tensor!).every(Number.isFinite)).toBe(true);
  });

  it('succeeds on every file with exit code 0', async () => {
    const { code, out, err } = await runCli(
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

  it('says what it guessed, how sure it is, why, and which option changes it', async () => {
    await writeFile(path('bare.npy'), writeLatent(makeLatent('sdxl', 8, 12), 'npy'));
    const args = ['--out', path('guessed'), '--method', 'bicubic', ...models];
    const { err, code } = await runCli('upscale', path('bare.npy'), ...args, '--space', 'model');
    expect(code).toBe(EXIT.done);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(
      /bare\.npy: guessed the family: sd(15|xl) \(\d+ %\)\. .*Otherwise: --family sd(15|xl)\./,
    );
    const sure = await runCli('upscale', path('bare.npy'), ...args, '--space', 'model', '--family', 'sdxl');
    expect(sure.err).toEqual([]);
  });

  it('says what else a file holds, and that it changes nothing', async () => {
    const { data } = makeLatent('sdxl', 8, 12);
    const samples = { name: 'samples', dtype: 'F32' as const, shape: [1, 4, 8, 12] };
    const mask = { name: 'noise_mask', dtype: 'F32' as const, shape: [1, 1, 8, 12] };
    const tensors = [
      { ...samples, bytes: new Uint8Array(data.slice().buffer) },
      { ...mask, bytes: new Uint8Array(8 * 12 * 4) },
    ];
    await writeFile(path('masked.latent'), writeSafetensors(tensors));
    const args = ['--out', path('masked'), '--method', 'bicubic', '--family', 'sdxl', ...models];
    const { err, code } = await runCli('upscale', path('masked.latent'), ...args);
    expect(code).toBe(EXIT.done);
    expect(err).toContainEqual(expect.stringMatching(/masked\.latent: .*noise mask/));
  });

  it('makes no picture of a family that is hardly likely, unless it is chosen', async () => {
    // White, in the scale of Sana's decoder space.
    const white = Float32Array.from({ length: 32 * 16 * 16 }, (_, at) => {
      const [even, other] = [fraction(at, 0.7548776662), fraction(at, 0.5698402909)];
      return (Math.sqrt(-2 * Math.log(even)) * Math.cos(2 * Math.PI * other)) / 0.414;
    });
    await writeFile(
      path('white.safetensors'),
      writeSafetensors([
        { name: 'latent', dtype: 'F32', shape: [1, 32, 16, 16], bytes: new Uint8Array(white.buffer) },
      ]),
    );
    const args = ['--out', path('white'), '--method', 'bicubic', ...models];
    const { err, out, code } = await runCli('upscale', path('white.safetensors'), ...args);
    expect([code, out]).toEqual([EXIT.someFailed, []]);
    expect(err.at(-1)).toMatch(/The family cannot be told.* --family flux2\..*Sana.* \[ambiguous\]$/);
    // The test's models have no decoder for it, but it is tried.
    const chosen = await runCli('upscale', path('white.safetensors'), ...args, '--family', 'flux2');
    expect(chosen.err.join()).toMatch(/no embedded decoder for flux2/);
  });

  it('names the options that decide what cannot be told', async () => {
    const tokens = writeLatent(makeLatent('flux1', 6, 10), 'safetensors', { consumer: 'diffusers' });
    const [tensor] = readTensorFile(tokens).tensors;
    await writeFile(path('tokens.safetensors'), writeSafetensors([{ ...tensor!, name: 'latents' }]));
    const args = ['--out', path('tokens'), '--method', 'bicubic', '--family', 'flux1', ...models];
    const { err } = await runCli('upscale', path('tokens.safetensors'), ...args);
    expect(err.join()).toMatch(/--width \d+ --height \d+/);
    const { code, out } = await runCli(
      'upscale',
      path('tokens.safetensors'),
      ...args,
      '--width',
      '10',
      '--height',
      '6',
    );
    expect([code, out.length]).toEqual([EXIT.done, 1]);
  });

  it.each([
    ['comfyui', 'latent', 'latent_tensor', [1, 16, 18, 16]],
    ['diffusers', 'safetensors', 'latents', [1, 72, 64]],
    ['safetensors', 'safetensors', 'latents', [1, 16, 18, 16]],
    ['npy', 'npy', '', [1, 16, 18, 16]],
  ])('writes the latent for %s', async (format, ending, name, shape) => {
    const args = ['--out', path(`as-${format}`), '--method', 'bicubic', '--family', 'flux1', ...models];
    const { code } = await runCli('upscale', path('dog.latent'), '--save-latent', format, ...args);
    expect(code).toBe(EXIT.done);
    const file = readTensorFile(await readFile(join(path(`as-${format}`), `dog-bicubic-x2.${ending}`)));
    expect(file.tensors.find((tensor) => tensor.name === name)?.shape).toEqual(shape);
  });

  it("computes with a decoder of one's own, and keeps nothing of it", async () => {
    const cache = path('cache');
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = cache;
    try {
      await writeFile(path('own-decoder.safetensors'), makeTinyDecoder());
      const args = ['--out', path('own'), '--method', 'bicubic', '--family', 'sdxl', ...models];
      const own = await runCli(
        'upscale',
        path('cat.safetensors'),
        ...args,
        '--decoder',
        path('own-decoder.safetensors'),
      );
      expect(own.err).toEqual([]);
      expect(own.code).toBe(EXIT.done);
      const theirs = await runCli('upscale', path('cat.safetensors'), ...args, '--scale', '1');
      expect(theirs.code).toBe(EXIT.done);
      const left = await readdir(join(cache, 'latent-leap')).catch(() => []);
      expect(left).toEqual([]);
      const model = await runCli('upscale', path('own-decoder.safetensors'), ...args);
      expect(model.err.join()).toMatch(
        /This is a model, not a latent: taesd-decoder for sd15 or sdxl\. Use it with --decoder FILE/,
      );
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });

  it('shortens names that no file system takes', async () => {
    const long = `${'é'.repeat(120)}.safetensors`;
    await copyFile(path('cat.safetensors'), path(long));
    const args = ['--out', path('long'), '--method', 'bicubic', '--family', 'sdxl', ...models];
    const { code } = await runCli('upscale', path(long), ...args);
    expect(code).toBe(EXIT.done);
    expect(await readdir(path('long'))).toEqual([`${'é'.repeat(90)}-bicubic-x2.png`]);
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
    const { code } = await runCli('upscale', path('cat.safetensors'), path('cat.npy'), ...args);
    expect(code).toBe(EXIT.done);
    expect((await readdir(path('twins'))).sort()).toEqual(['cat-bicubic-x2-2.png', 'cat-bicubic-x2.png']);
  });

  it('overwrites nothing when two names differ only in their case, which not every file system sees', async () => {
    await mkdir(path('upper'));
    await copyFile(path('cat.safetensors'), path('upper/Cat.safetensors'));
    const args = ['--out', path('cases'), '--method', 'bicubic', '--family', 'sdxl', ...models];
    const { code } = await runCli('upscale', path('upper/Cat.safetensors'), path('cat.safetensors'), ...args);
    expect(code).toBe(EXIT.done);
    expect((await readdir(path('cases'))).sort()).toEqual(['Cat-bicubic-x2.png', 'cat-bicubic-x2-2.png']);
  });

  it('keeps what an earlier run wrote, unless it is told to replace it', async () => {
    const args = ['--out', path('again'), '--method', 'bicubic', '--family', 'sdxl', ...models];
    const run = (...more: string[]) => runCli('upscale', path('cat.safetensors'), ...args, ...more);
    await run();
    await writeFile(path('again/cat-bicubic-x2.png'), 'of an earlier run');
    expect((await run()).out.join()).toContain('cat-bicubic-x2-2.png');
    expect(await readFile(path('again/cat-bicubic-x2.png'), 'utf8')).toBe('of an earlier run');
    await run('--overwrite');
    expect((await readFile(path('again/cat-bicubic-x2.png'))).subarray(1, 4).toString()).toBe('PNG');
    expect((await readdir(path('again'))).sort()).toEqual(['cat-bicubic-x2-2.png', 'cat-bicubic-x2.png']);
  });

  it.each([
    ['by its name', 'latents', 'latents/cat-bicubic-x2.safetensors'],
    ['through a folder that is a link', 'linked', 'latents/cat-bicubic-x2.safetensors'],
    ['through a link to it', 'latents', 'link.safetensors'],
    // It replaces what is there already, but for what it is to read.
    ['by its name, when told to overwrite', 'latents', 'latents/cat-bicubic-x2.safetensors', '--overwrite'],
    ['through a linked folder, likewise', 'linked', 'latents/cat-bicubic-x2.safetensors', '--overwrite'],
    ['through a link to it, likewise', 'latents', 'link.safetensors', '--overwrite'],
  ])('leaves a file alone that it is to read, named %s', async (_, out, second, ...more) => {
    for (const made of ['latents', 'linked', 'link.safetensors'])
      await rm(path(made), { recursive: true, force: true });
    await mkdir(path('latents'));
    await symlink(path('latents'), path('linked'));
    await symlink(path('latents/cat-bicubic-x2.safetensors'), path('link.safetensors'));
    const source = writeLatent(makeLatent('sdxl', 9, 9), 'safetensors');
    await writeFile(path('latents/cat-bicubic-x2.safetensors'), source);
    const args = ['--out', path(out), '--save-latent', '--method', 'bicubic', '--family', 'sdxl', ...models];
    const { code, lines } = await runCli('upscale', path('cat.safetensors'), path(second), ...args, ...more);
    expect(lines).toEqual([expect.stringMatching(/8x12|12x8/), expect.stringContaining('9x9')]);
    expect(code).toBe(EXIT.done);
    expect(await readFile(path('latents/cat-bicubic-x2.safetensors'))).toEqual(Buffer.from(source));
    expect(await readdir(path('latents'))).toContain('cat-bicubic-x2-2.safetensors');
  });

  it('leaves neither picture nor latent where one of them cannot be written', async () => {
    const inTheWay = path('blocked/cat-bicubic-x2.safetensors');
    await mkdir(inTheWay, { recursive: true });
    const args = ['--out', path('blocked'), '--save-latent', '--method', 'bicubic', '--family', 'sdxl'];
    const { code, err } = await runCli('upscale', path('cat.safetensors'), ...args, ...models);
    expect(code).toBe(EXIT.someFailed);
    expect(err.join()).toMatch(/EISDIR|EPERM/);
    expect(await readdir(path('blocked'))).toEqual(['cat-bicubic-x2.safetensors']);
  });

  it('goes on after an item of a batch that fails, and tells of each when it is done', async () => {
    await writeFile(path('batch.safetensors'), makeBatch());
    await mkdir(path('items/batch-2-bicubic-x2.png'), { recursive: true });
    const args = ['--out', path('items'), '--method', 'bicubic', '--family', 'sdxl', ...models];
    const { code, lines } = await runCli('upscale', path('batch.safetensors'), ...args);
    expect(code).toBe(EXIT.someFailed);
    expect(lines).toEqual([
      expect.stringMatching(/batch\.safetensors-1: sdxl .*batch-1-bicubic-x2\.png$/),
      expect.stringMatching(/batch\.safetensors-2: .*(EISDIR|EPERM).* \[file-refused\]$/),
      expect.stringMatching(/batch\.safetensors-3: sdxl .*batch-3-bicubic-x2\.png$/),
    ]);
    expect((await readdir(path('items'))).sort()).toEqual(
      [1, 2, 3].map((item) => `batch-${item}-bicubic-x2.png`),
    );
  });

  it('numbers the first item of a batch as the others, and a repetition in another place', async () => {
    await writeFile(path('three.safetensors'), makeBatch());
    const args = ['--out', path('one'), '--method', 'bicubic', '--family', 'sdxl', '--item', '1', ...models];
    for (const _ of [1, 2]) await runCli('upscale', path('three.safetensors'), ...args);
    expect((await readdir(path('one'))).sort()).toEqual([
      'three-1-bicubic-x2-2.png',
      'three-1-bicubic-x2.png',
    ]);
  });

  it('refuses a file in the place of the output folder once, before anything is read', async () => {
    const { code, err } = await runCli(
      'upscale',
      path('no'),
      path('nor'),
      '--out',
      path('dog.latent'),
      ...models,
    );
    expect(code).toBe(EXIT.usage);
    expect(err).toEqual([
      expect.stringMatching(/--out expects a folder, and .*dog\.latent is a file/),
      'Try latent-leap --help.',
    ]);
  });

  it('goes on after files that cannot be read, naming what is wrong with them', async () => {
    const { code, out, err } = await runCli(
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
    const { code, err } = await runCli(...args);
    expect(code).toBe(EXIT.someFailed);
    expect(err.join()).toMatch(/catalog/);
  });
});

describe('the error output', () => {
  const CONTROLS = ['\u001b', '\u0007', '\u009b', '\u202e'];

  it('gets no control character of a name, of a tensor or of an option', async () => {
    const bytes = writeLatent(makeLatent('sdxl', 8, 8), 'safetensors');
    await writeFile(path('a\u001b[2J\u0007.npy'), writeLatent(makeLatent('sdxl', 8, 12), 'npy'));
    await writeFile(path('b\u202e.safetensors'), bytes.slice(0, 40));
    const hostile = {
      name: 'x\u001b]0;owned\u0007',
      dtype: 'F32',
      shape: [3, 8, 8],
      bytes: new Uint8Array(768),
    };
    await writeFile(path('tensor.safetensors'), writeSafetensors([hostile as NamedTensor]));
    const files = ['a\u001b[2J\u0007.npy', 'b\u202e.safetensors', 'tensor.safetensors', 'none\u009b31m'].map(
      path,
    );
    const args = ['--out', path('controls'), '--method', 'bicubic', ...models];
    const { err, out } = await runCli('upscale', ...files, ...args);
    // A guess about the first, and an error for each of the others.
    expect(err.length).toBeGreaterThanOrEqual(4);
    for (const control of CONTROLS) expect([...err, ...out].join('\n')).not.toContain(control);
    expect(err.join('\n')).toContain('x\ufffd]0;owned\ufffd');
    const usage = await runCli('upscale', 'a', '--out', 'x', '--fam\u001bily');
    expect(usage.err.join('\n')).not.toContain('\u001b');
  });
});
