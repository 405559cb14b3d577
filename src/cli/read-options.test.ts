import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type NamedTensor, readTensorFile, toFloat32, writeSafetensors } from '../formats';
import { randomTensor } from '../testing/graph/random-weights';
import { makeModelFolder } from '../testing/model-folder';
import { runCli } from '../testing/run-cli';
import type { Inspection } from './inspect/inspect-file';
import { EXIT } from './run-command';

/** What the options change that say how a file is read. */

const { path, options: models } = makeModelFolder(['flux2']);

const toTensor = (name: string, shape: number[], values: Float32Array): NamedTensor => {
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.slice().buffer) };
};
const noise = (name: string, shape: number[]): NamedTensor =>
  toTensor(name, shape, randomTensor('input', shape));
const save = (name: string, ...tensors: NamedTensor[]) => writeFile(path(name), writeSafetensors(tensors));

async function inspect(...args: string[]): Promise<Inspection['latents']> {
  const { out } = await runCli('inspect', '--json', ...args);
  return (JSON.parse(out[0]!) as Inspection).latents;
}

it('--tensor reads another one of the file', async () => {
  await save('two.safetensors', noise('latents', [1, 4, 8, 8]), noise('before', [1, 4, 6, 10]));
  expect(await inspect(path('two.safetensors'))).toMatchObject([{ tensor: 'latents', dims: [4, 8, 8] }]);
  expect(await inspect(path('two.safetensors'), '--tensor', 'before')).toMatchObject([
    { tensor: 'before', dims: [4, 6, 10] },
  ]);
});

it('--item counts from 1, as what is said about it does', async () => {
  const batch = noise('samples', [2, 4, 8, 8]);
  await writeFile(path('batch.safetensors'), writeSafetensors([batch], { batch_index: '[4, 1]' }));
  const file = path('batch.safetensors');
  const items = async (...args: string[]) => (await inspect(file, ...args)).map(({ item }) => item);
  expect(await items()).toEqual([5, 2]);
  expect(await items('--item', '2')).toEqual([2]);
  // The numbers as a tensor, which lies anywhere in the bytes that Node has read.
  const numbers = new Uint8Array(BigInt64Array.of(4n, 1n).buffer);
  await save('numbered.safetensors', batch, {
    name: 'batch_index',
    dtype: 'I64',
    shape: [2],
    bytes: numbers,
  });
  const numbered = await inspect(path('numbered.safetensors'));
  expect(numbered.map(({ item }) => item)).toEqual([5, 2]);
  const { out } = await runCli('inspect', file, '--item', '3');
  expect(out[0]).toContain('There is no item 3 in this batch. It has the items 5, 2. [bad-option]');
});

it('--layout decides between tokens and channels', async () => {
  await save('either.safetensors', noise('latents', [4, 64, 64]));
  const file = path('either.safetensors');
  expect(await inspect(file, '--layout', 'unpacked')).toMatchObject([{ dims: [4, 64, 64] }]);
  const packed = await inspect(file, '--layout', 'packed');
  expect(packed.map(({ family, dims }) => [family, dims])).toEqual(
    new Array(4).fill(['flux1', [16, 16, 16]]),
  );
});

it('--batch-norm brings a latent of FLUX.2 back with the statistics of that VAE', async () => {
  const [height, width] = [4, 6];
  const latent = noise('latents', [1, 32, height, width]);
  await save('klein.safetensors', latent);
  const mean = Float32Array.from({ length: 128 }, (_, at) => at / 64 - 1);
  const variance = Float32Array.from({ length: 128 }, (_, at) => 0.5 + at / 32);
  await save(
    'vae.safetensors',
    toTensor('bn.running_mean', [128], mean),
    toTensor('bn.running_var', [128], variance),
  );
  const saveLatent = async (to: string, ...options: string[]) => {
    const { code } = await runCli(
      'upscale',
      path('klein.safetensors'),
      ...['--out', path(to), '--family', 'flux2', '--space', 'decoder', '--scale', '1'],
      ...['--method', 'bicubic', '--save-latent', 'npy'],
      ...models,
      ...options,
    );
    expect(code).toBe(EXIT.done);
    const saved = (await readdir(path(to))).find((name) => name.endsWith('.npy'))!;
    const [tensor] = readTensorFile(await readFile(join(path(to), saved))).tensors;
    return toFloat32(tensor!);
  };
  const own = await saveLatent('own', '--batch-norm', path('vae.safetensors'));
  const raw = toFloat32(latent);
  own.forEach((value, at) => {
    const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    const patch = c * 4 + (y % 2) * 2 + (x % 2);
    expect(value).toBeCloseTo((raw[at]! - mean[patch]!) / Math.sqrt(variance[patch]! + 1e-4), 4);
  });
  expect(await saveLatent('published')).not.toEqual(own);
});
