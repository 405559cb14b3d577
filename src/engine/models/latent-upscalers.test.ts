import { describe, expect, test } from 'vitest';
import { defined } from '../../defined';
import { FAMILIES } from '../../latent';
import type { FamilyId } from '../../latent/types';
import {
  checkpoint,
  entryOf,
  latentFor,
  openEngine,
  upscaleToPicture,
} from '../../testing/engine/checkpoint-engine';
import { leapLuaShapes, type Shapes } from '../../testing/graph/network-shapes';
import { readReferences, relativeError } from '../../testing/graph/run-on-node';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../testing/graph/upscaler-shapes';

type Way = [name: string, shapes: Shapes, family: FamilyId];

describe('takes latents of a family to the space that the network works in, and back', () => {
  // NNLatentUpscale scales latents of Stable Diffusion 1.x by SDXL's factor; in decoder space the two are alike.
  const ways: Way[] = [
    ['nn-latent-upscale', nnLatentUpscaleShapes(), 'sdxl'],
    ['nn-latent-upscale', nnLatentUpscaleShapes(), 'sd15'],
    ['sd-latent-upscaler', sdLatentUpscalerShapes(), 'sd15'],
    ['lsr', lsrShapes(), 'sdxl'],
  ];

  test.each(ways)('%s, way %#', async (name, shapes, family) => {
    const file = checkpoint(shapes);
    const entry = entryOf(file, name, 'lua', family);
    const latent = latentFor(entry, 8, 8);
    const engine = await openEngine(file, entry);
    const wish = { scale: 1.5, method: 'lua', lua: name } as const;
    const { scale, shift } = FAMILIES[family];
    const { data } = (await upscaleToPicture(engine, latent, wish)).latent;
    const values = entry.space === 'decoder' ? data.map((value) => value / scale + shift) : data;
    expect(relativeError(values, readReferences(name).tensors.get('x1.5_8x8')!)).toBeLessThan(1e-4);
  });
});

test('our LUA with a tone, tiled, knows the statistics of the whole latent', async () => {
  const shape = { in_chans: 32, widths: [8, 8, 8], stem: 1, groups: 1, heads: 2 } as const;
  const swin = { window_size: 4, mlp_ratio: 2, middle: 1, tail: 1 };
  const shapes = leapLuaShapes({ ...shape, ...swin, widths: [8, 8, 8], toned: true });
  const file = checkpoint(shapes);
  const entry = entryOf(file, 'toned', 'lua', 'flux2');
  const latent = latentFor(entry, 40, 32);
  // One half has other statistics than the other, so a tile's own would show.
  latent.data.forEach((value, i) => {
    if (i % 1280 >= 640) latent.data[i] = 2 * value + 1;
  });
  const engine = await openEngine(file, entry);
  const wish = { scale: 2, method: 'lua', lua: 'toned' } as const;
  const whole = await upscaleToPicture(engine, latent, wish);
  const tiled = await upscaleToPicture(engine, latent, { ...wish, tile: 40 });
  expect(whole.report.tiles.upscale).toBe(1);
  expect(tiled.report.tiles.upscale).toBeGreaterThan(1);
  // Statistics of the tiles make it 0.065.
  expect(relativeError(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-3);
});

describe('gives the same tiled and untiled', () => {
  const ways: [...Way, tile: number][] = [
    ['SD-Latent-Upscaler', sdLatentUpscalerShapes({ width: 8 }), 'sdxl', 75],
    ['LSR', lsrShapes({ width: 12, depths: [2, 2], heads: 2, features: 8, hidden: 16 }), 'sdxl', 30],
  ];

  test.each(ways)('%s', async (name, shapes, family, tile) => {
    const file = checkpoint(shapes);
    const entry = entryOf(file, name, 'lua', family);
    const latent = latentFor(entry, 80, 62);
    const engine = await openEngine(file, entry);
    const wish = { scale: 1.5, method: 'lua', lua: name } as const;
    const whole = await upscaleToPicture(engine, latent, { ...wish, tile: 400 });
    const tiled = await upscaleToPicture(engine, latent, { ...wish, tile });
    expect(whole.report.tiles.upscale).toBe(1);
    expect(tiled.report.tiles.upscale).toBeGreaterThan(3);
    expect(relativeError(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
  });

  test('NNLatentUpscale, in pieces', async () => {
    const file = checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
    const entry = entryOf(file, 'nn', 'lua', 'sdxl');
    const engine = await openEngine(file, entry);
    const wish = { scale: 1.25, method: 'lua', lua: 'nn' } as const;
    const latent = latentFor(entry, 40, 48);
    const tiled = await upscaleToPicture(engine, latent, { ...wish, tile: 20 });
    const whole = await upscaleToPicture(engine, latent, wish);
    expect(whole.report.tiles.upscale).toBe(1);
    expect(whole.report.memory.upscaleSplit).toBeUndefined();
    expect(tiled.report.tiles.upscale).toBeGreaterThan(1);
    expect(tiled.report.memory.upscaleSplit!.runs).toBeGreaterThan(20);
    expect(relativeError(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
  });

  test('NNLatentUpscale, in pieces and twice over', async () => {
    const file = checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
    const entry = entryOf(file, 'nn', 'lua', 'sdxl');
    const engine = await openEngine(file, entry);
    const wish = { scale: 4, passes: 2, method: 'lua', lua: 'nn' } as const;
    const latent = latentFor(entry, 9, 7);
    const done: number[] = [];
    const onProgress: Parameters<typeof upscaleToPicture>[2]['onProgress'] = (progress) => {
      if (progress.phase === 'upscale') done.push(progress.done / progress.total);
    };
    const tiled = await upscaleToPicture(engine, latent, { ...wish, tile: 20, onProgress });
    const whole = await upscaleToPicture(engine, latent, wish);
    expect(relativeError(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
  });
});

test('a factor that an upscaler does not offer is refused before anything is fetched', async () => {
  const file = checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
  const entry = entryOf(file, 'nn', 'lua', 'sdxl');
  const engine = await openEngine(file, entry);
  const latent = latentFor(entry, 8, 8);
  const upscale = (scale: number, passes?: 2) =>
    upscaleToPicture(engine, latent, { scale, method: 'lua', lua: 'nn', ...defined({ passes }) });
  await expect(upscale(3)).rejects.toMatchObject({ code: 'no-model' });
  expect((await upscale(4, 2)).latent.dims).toEqual([4, 32, 32]);
  expect((await upscale(2.25, 2)).report.passes).toBe(2);
});

test('two passes each enlarge by the root of the factor, which is its half only for 4', async () => {
  const file = checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
  const entry = entryOf(file, 'nn', 'lua', 'sdxl');
  const engine = await openEngine(file, entry);
  const latent = latentFor(entry, 8, 8);
  const wish = { method: 'lua', lua: 'nn' } as const;
  const both = await upscaleToPicture(engine, latent, { ...wish, scale: 2.25, passes: 2 });
  const once = await upscaleToPicture(engine, latent, { ...wish, scale: 1.5 });
  const twice = await upscaleToPicture(engine, once.latent, { ...wish, scale: 1.5 });
  expect(both.latent.dims).toEqual([4, 18, 18]);
  expect(relativeError(both.latent.data, twice.latent.data)).toBeLessThan(1e-5);
});
