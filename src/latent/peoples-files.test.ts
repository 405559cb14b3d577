import { describe, expect, it } from 'vitest';
import { toFloat32 } from '../formats';
import { errorOf } from '../testing/error-of';
import {
  fileOf,
  flux1,
  flux2,
  guessOf,
  longs,
  sample,
  sdxl,
  tensorOf,
  VERSION,
} from '../testing/latent/peoples-files';
import { FLUX2_BATCH_NORM } from './flux2-batch-norm';
import { readLatents } from './index';
import { packItem } from './shape/unpack';
import { type FamilyId, type ReadHints, SURE } from './types';

/** Files as people have them, by public reports: each kind with a small file made here from the samples' values. */

describe('what a file says of itself', () => {
  it.each<[string, Record<string, string>, FamilyId]>([
    ['latent', { latent_space_version: 'sdxl' }, 'sdxl'],
    ['latent', { latent_space_version: 'sd1' }, 'sd15'],
    ['latents_32x48_bf16', { architecture: 'sdxl' }, 'sdxl'],
    ['latents_32x48_float32', { architecture: 'sd_v1' }, 'sd15'],
  ])('%s with %j', (name, metadata, family) => {
    const [latent] = readLatents(fileOf([tensorOf(name, [...sdxl.dims], sdxl.data)], { metadata }));
    expect(latent!.family).toBe(family);
    expect(guessOf(latent, 'family').confidence).toBeGreaterThanOrEqual(SURE);
  });

  it('the LATENT dict of ComfyUI nodes is in decoder space; its mask is not a latent', () => {
    const values = sdxl.data.map((value) => value / 0.13025);
    const mask = tensorOf('noise_mask', [1, 32, 32], new Float32Array(1024).fill(1));
    const file = fileOf([tensorOf('samples', [1, ...sdxl.dims], values), mask], {
      metadata: { batch_index: '[0]' },
    });
    const [latent] = readLatents(file);
    expect(latent!.provenance).toMatchObject({ writer: 'ComfyUI', tensor: 'samples', space: 'decoder' });
    expect(guessOf(latent, 'tensor')).toBeUndefined();
    expect(latent!.provenance.remarks).toEqual([expect.stringContaining('noise mask of 32x32')]);
    expect(latent!.provenance.remarks![0]).toContain('100 %');
    const flat = fileOf([file.tensors[0]!, tensorOf('noise_mask', [64], new Float32Array(64))]);
    expect(readLatents(flat)[0]!.provenance.remarks).toEqual([
      expect.stringContaining('noise mask of 64 values'),
    ]);
  });

  it.each([
    ['metadata', { metadata: { batch_index: '[5, 2]' } }, []],
    ['a tensor', {}, [longs('batch_index', [5, 2])]],
  ] as const)('items have the numbers of their batch, from %s', (_, more, beside) => {
    const two = Float32Array.of(...sdxl.data, ...sdxl.data.map((value) => -value));
    const file = fileOf([tensorOf('samples', [2, ...sdxl.dims], two), ...beside], more);
    const numbers = (hints: ReadHints = {}) =>
      readLatents(file, hints).map(({ provenance }) => provenance.item);
    expect(numbers()).toEqual([5, 2]);
    expect(numbers({ item: 2 })).toEqual([2]);
    expect(readLatents(file, { item: 2 })[0]!.data[0]).toBe(readLatents(file)[1]!.data[0]);
    expect(errorOf(() => numbers({ item: 0 })).code).toBe('bad-option');
    expect(numbers({ item: 'first' })).toEqual([5]);
  });

  it.each(['[0, 0]', '[1]', '[-1, 2]', '[0.5, 1]', '{"0": 1}', '[', 'null'])(
    'items are counted where their numbers are %s',
    (indices) => {
      const two = Float32Array.of(...sdxl.data, ...sdxl.data);
      const file = fileOf([tensorOf('samples', [2, ...sdxl.dims], two)], {
        metadata: { batch_index: indices },
      });
      expect(readLatents(file).map(({ provenance }) => provenance.item)).toEqual([0, 1]);
    },
  );

  it('reads the resolution that the name says, else the largest one', () => {
    const small = tensorOf('latents_16x16', [16, 16, 16], flux1.data.subarray(0, 4096));
    const large = tensorOf('latents_32x32', [16, 32, 32], flux1.data);
    const companion = longs('original_size_32x32', [0, 0]);
    const file = fileOf([small, large, companion], { container: 'npz' });
    const read = (name: string) => readLatents(file, { name })[0]!.provenance.tensor;
    expect(read('a_flux.npz')).toBe('latents_32x32');
    expect(read('a_0128x0128_flux.npz')).toBe('latents_16x16');
    expect(guessOf(readLatents(file, { name: 'a_flux.npz' })[0], 'tensor').alternatives).toEqual([
      'latents_16x16',
    ]);
  });
});

describe('FLUX.2 in decoder space', () => {
  const { mean, variance } = FLUX2_BATCH_NORM;
  const [channels, height, width] = flux2.dims;
  const decoder = flux2.data.map((value, at) => {
    const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    const patch = c * 4 + (y % 2) * 2 + (x % 2);
    return value * Math.sqrt(variance[patch]! + 1e-4) + mean[patch]!;
  });

  it('is known by its values, and comes back by the published batch norm', () => {
    const [latent] = readLatents(
      fileOf([tensorOf('', [1, channels, height, width], decoder)], { container: 'torch-zip' }),
    );
    expect(latent!.provenance.space).toBe('decoder');
    expect(guessOf(latent, 'space').confidence).toBeGreaterThan(0.5);
    latent!.data.forEach((value, at) => {
      expect(value).toBeCloseTo(flux2.data[at]!, 5);
    });
  });
});

describe('batches, steps and sides', () => {
  const packed = packItem(flux1.data, flux1.dims, 'packed');
  const repeat = (count: number) => {
    const all = new Float32Array(packed.length * count);
    for (let item = 0; item < count; item++) all.set(packed, item * packed.length);
    return all;
  };

  it.each([
    ['four pictures, which could be one of four channels', [4, 256, 64], 4],
    ['three', [3, 256, 64], 3],
    ['one with an axis too many', [1, 1, 256, 64], 1],
  ])('packed tokens: %s', (_, shape, items) => {
    const latents = readLatents(fileOf([tensorOf('', shape, repeat(items))], { container: 'torch-zip' }));
    expect(latents.map(({ family }) => family)).toEqual(new Array(items).fill('flux1'));
    for (const { data } of latents) expect(data).toEqual(flux1.data);
  });

  it('packed tokens of FLUX.2 with an axis too many', () => {
    const tokens = packItem(flux2.data, flux2.dims, 'packed');
    const tensor = tensorOf('', [1, 1, 256, 128], tokens);
    const [latent, ...others] = readLatents(fileOf([tensor], { container: 'torch-zip' }));
    expect([latent!.family, latent!.dims, others]).toEqual(['flux2', [32, 32, 32], []]);
    expect(latent!.data).toEqual(flux2.data);
  });

  it('a picture of four channels is not taken for tokens', () => {
    const wide = sample('hubble_sdxl.latent');
    const [latent, ...others] = readLatents(fileOf([tensorOf('latents', [...wide.dims], wide.data)]));
    expect([latent!.dims, others.length]).toEqual([wide.dims, 0]);
  });

  it('the last of the sampling steps is read, but the first of unlike pictures', () => {
    let state = 1;
    const noise = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    const step = (share: number) => sdxl.data.map((value) => value * share + noise() * 3 * (1 - share));
    const steps = [0, 0.3, 0.6, 0.8, 1].map((share, at) => tensorOf(`${at}`, [1, ...sdxl.dims], step(share)));
    const hints: ReadHints = { family: 'sdxl', space: 'model' };
    const [last] = readLatents(fileOf(steps, { container: 'torch-zip' }), hints);
    expect(last!.data).toEqual(toFloat32(steps[4]!));
    expect(guessOf(last, 'tensor')).toMatchObject({ value: '4', alternatives: ['0', '1', '2', '3'] });
    const apart = [0, 1, 2].map((at) =>
      tensorOf(`${at}`, [1, 4, 8, 8], Float32Array.from({ length: 256 }, noise)),
    );
    expect(readLatents(fileOf(apart), hints)[0]!.provenance.tensor).toBe('0');
  });

  it('an encoder gives mean and log variance, which are not a latent of FLUX.2', () => {
    const moments = new Float32Array(flux1.data.length * 2).fill(-12);
    moments.set(flux1.data);
    const file = fileOf([tensorOf('moments', [32, 32, 32], moments)]);
    expect(errorOf(() => readLatents(file)).message).toContain('first 16');
    expect(
      errorOf(() => readLatents(fileOf([tensorOf('moments', [8, 32, 32], moments.subarray(0, 8192))])))
        .message,
    ).toContain('first 4');
  });

  it('an encoder may be unsure of some of its positions, and a latent has more high values than that', () => {
    const read = (share: number) => {
      const moments = new Float32Array(flux1.data.length * 2).fill(-12);
      moments.set(flux1.data);
      // Log variances of 0: the share of the second half that is as a latent's values are.
      moments.fill(0, flux1.data.length, flux1.data.length * (1 + share));
      return () => readLatents(fileOf([tensorOf('moments', [32, 32, 32], moments)]));
    };
    expect(errorOf(read(0.015)).message).toContain('first 16');
    expect(read(0.03)()[0]!.family).toBe('flux2');
  });
});

describe('metadata of strangers', () => {
  it.each([
    ['an object in place of a link', { 1: { class_type: 'A', inputs: { a: [{ toString: 1 }, 0] } } }],
    ['an object in place of a type', { 1: { class_type: { a: 1 }, inputs: { model: 7 } } }],
  ])('%s says nothing', (_, prompt) => {
    const tensor = tensorOf('latent_tensor', [1, ...sdxl.dims], sdxl.data);
    const file = fileOf([tensor, VERSION], { metadata: { prompt: JSON.stringify(prompt) } });
    expect(readLatents(file)).toHaveLength(1);
  });

  it('20 000 brackets in a graph say nothing', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const tensor = tensorOf('latent_tensor', [1, ...sdxl.dims], sdxl.data);
    for (const text of [deep, `{"1":{"class_type":"A","inputs":{"a":[${deep},0]}}}`]) {
      const workflow = `{"nodes":[{"id":${deep}}],"links":[[1,${deep},0,${deep}]]}`;
      expect(readLatents(fileOf([tensor, VERSION], { metadata: { prompt: text, workflow } }))).toHaveLength(
        1,
      );
      expect(
        readLatents(fileOf([tensor, VERSION], { metadata: { workflow, latent_leap: deep } })),
      ).toHaveLength(1);
    }
  });

  it('a name of 300 kB does not become a message', () => {
    const file = fileOf([tensorOf('n'.repeat(300_000), [3, 8, 8], new Float32Array(192))]);
    expect(errorOf(() => readLatents(file)).message.length).toBeLessThan(600);
  });
});
