import { beforeAll, describe, expect, it } from 'vitest';
import { defined } from '../defined';
import { buildEnlargement } from '../graph';
import { makeLatent, makePooled, makeTestModels, testSource } from '../testing/engine/test-models';
import { TestPicture } from '../testing/engine/test-picture';
import { runOnNode } from '../testing/graph/run-on-node';
import type { Engine, EngineResult, EngineUpscaleOptions } from './api';
import { openNodeRuntime } from './device/node/open-node-runtime';
import { createEngine } from './engine';
import type { Notice, Progress } from './types';

const models = makeTestModels();
let engine: Engine;

beforeAll(async () => {
  engine = await createEngine({
    runtime: openNodeRuntime({ threads: 1 }),
    weights: testSource(models),
    backend: 'auto',
    precision: 'auto',
  });
});

type Wish = Omit<EngineUpscaleOptions, 'openPicture'>;

async function upscale(latent = makeLatent('sdxl', 12, 20), wish: Wish = { scale: 2, method: 'lua' }) {
  let picture: TestPicture | undefined;
  const result: EngineResult = await engine.upscale(latent, {
    ...wish,
    openPicture: (width, height) => {
      picture = new TestPicture(width, height);
      return picture;
    },
  });
  return { ...result, picture: picture! };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe('upscale', () => {
  it.each([1, 2, 4] as const)('gives a picture and a latent of the right size at x%s', async (scale) => {
    const { picture, latent, report } = await upscale(undefined, { scale, method: 'lua' });
    expect(latent.dims).toEqual([4, 12 * scale, 20 * scale]);
    expect(latent.data.length).toBe(4 * 12 * 20 * scale ** 2);
    expect([picture.height, picture.width]).toEqual([96 * scale, 160 * scale]);
    expect(picture.writes.every((count) => count === 1)).toBe(true);
    expect(report).toMatchObject({ backend: 'cpu', precision: 'fp32', width: 160 * scale, notices: [] });
    expect(report.tiles).toEqual({ upscale: scale === 1 ? 0 : 1, decode: 1, enlarge: 0 });
    expect(latent.provenance.history).toEqual(scale === 1 ? [] : [`lua x${scale} (lua-test-sdxl)`]);
  });

  it('gives a latent of its own where nothing is enlarged, and leaves the caller the one that it has', async () => {
    const latent = makeLatent('sdxl', 6, 5);
    const { latent: result } = await upscale(latent, { scale: 1, method: 'bicubic' });
    expect(result.data).toEqual(latent.data);
    expect(result.data.buffer).not.toBe(latent.data.buffer);
  });

  it('does not take the session of a filter for one of another number of channels', async () => {
    const wish = { scale: 2, method: 'bicubic' } as const;
    await upscale(makeLatent('sdxl', 10, 12), wish);
    const after = await upscale(makeLatent('flux1', 10, 12), wish);
    await engine.close();
    const fresh = await upscale(makeLatent('flux1', 10, 12), wish);
    expect(largestDifference(after.picture.rgba, fresh.picture.rgba)).toBe(0);
    expect(largestDifference(after.latent.data, fresh.latent.data)).toBe(0);
  });

  it('gives the same picture tiled and untiled, wherever the receptive field is finite', async () => {
    const latent = makeLatent('sdxl', 33, 41);
    const whole = await upscale(latent, { scale: 2, method: 'bicubic' });
    const tiled = await upscale(latent, { scale: 2, method: 'bicubic', tile: 32 });
    expect(whole.report.tiles).toEqual({ upscale: 1, decode: 1, enlarge: 0 });
    expect(tiled.report.tiles.upscale).toBeGreaterThan(4);
    expect(tiled.report.tiles.decode).toBeGreaterThan(4);
    expect(largestDifference(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
    // Bytes: a difference of 1e-5 may still tip a rounding.
    expect(largestDifference(tiled.picture.rgba, whole.picture.rgba)).toBeLessThanOrEqual(1);
    expect(tiled.picture.writes.every((count) => count === 1)).toBe(true);
  });

  it.each([1.25, 1.5, 3])('enlarges latents by bicubic x%s, tiled as untiled', async (scale) => {
    const latent = makeLatent('sdxl', 40, 44);
    const whole = await upscale(latent, { scale, method: 'bicubic' });
    const tiled = await upscale(latent, { scale, method: 'bicubic', tile: 24 * scale });
    expect(whole.latent.dims).toEqual([4, 40 * scale, 44 * scale]);
    expect([whole.picture.height, whole.picture.width]).toEqual([320 * scale, 352 * scale]);
    expect(tiled.report.tiles.upscale).toBeGreaterThan(3);
    expect(largestDifference(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
  });

  it('runs a latent upscaler twice where that is asked for', async () => {
    const latent = makeLatent('sdxl', 12, 20);
    const { latent: result, report, picture } = await upscale(latent, { scale: 4, method: 'lua', passes: 2 });
    const once = await upscale(latent, { scale: 2, method: 'lua' });
    const twice = await upscale(once.latent, { scale: 2, method: 'lua' });
    expect(report.passes).toBe(2);
    expect(report.tiles.upscale).toBe(2);
    expect(largestDifference(result.data, twice.latent.data)).toBeLessThan(1e-5);
    expect(largestDifference(picture.rgba, twice.picture.rgba)).toBeLessThanOrEqual(1);
    expect(result.provenance.history).toEqual(Array(2).fill('lua x2 (lua-test-sdxl)'));
  });

  it.each(['bicubic', 'lanczos'] as const)('decodes, then enlarges the picture by %s', async (enlarger) => {
    const latent = makeLatent('sdxl', 10, 14);
    const decoded = await upscale(latent, { scale: 1, method: 'bicubic' });
    const whole = await upscale(latent, { scale: 1.5, method: 'pixels', enlarger });
    const tiled = await upscale(latent, { scale: 1.5, method: 'pixels', enlarger, tile: 4 });
    expect(whole.report).toMatchObject({
      width: 168,
      height: 120,
      tiles: { upscale: 0, decode: 1, enlarge: 1 },
    });
    expect(tiled.report.tiles.enlarge).toBeGreaterThan(4);
    expect(tiled.picture.writes.every((count) => count === 1)).toBe(true);
    expect(largestDifference(tiled.picture.rgba, whole.picture.rgba)).toBeLessThanOrEqual(1);
    expect(whole.latent.dims).toEqual([4, 10, 14]);
    // What the filter's graph, equal to the library's, makes of the decoded bytes.
    const { width, height, rgba } = decoded.picture;
    const graph = buildEnlargement({ channels: 3, height, width, scale: 1.5, filter: enlarger });
    const planes = Float32Array.from(
      { length: 3 * height * width },
      (_, i) => rgba[(i % (height * width)) * 4 + Math.floor(i / (height * width))]! / 255,
    );
    const expected = await runOnNode(graph, planes);
    const size = 168 * 120;
    const bytes = Uint8ClampedArray.from({ length: 4 * size }, (_, i) =>
      i % 4 === 3 ? 255 : expected[(i % 4) * size + Math.floor(i / 4)]! * 255,
    );
    expect(largestDifference(whole.picture.rgba, bytes)).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ scale: 5, method: 'bicubic' }, 'from 1 to 4'],
    [{ scale: Number.NaN, method: 'bicubic' }, 'from 1 to 4'],
    [{ scale: Math.SQRT2, method: 'bicubic' }, 'from 1 to 4'],
    [{ scale: 1.25, method: 'bicubic' }, 'not whole numbers. The nearest factors that work: 1 and 1.5.'],
    [{ scale: 4, method: 'bicubic', passes: 2 }, 'Only the method lua is run twice'],
    [
      { scale: 2, method: 'lua', passes: 2 },
      'the square root of the scale, which is 1.4142... for 2. Expected',
    ],
    [{ scale: 2, method: 'toString' as never }, 'The method must be lua or bicubic or pixels, not toString'],
  ] as const)('refuses %o', async (wish, says) => {
    await expect(upscale(makeLatent('sdxl', 10, 12), wish)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining(says),
    });
  });

  it('blends LUA tiles over the whole latent, also for sizes that are not multiples of the window', async () => {
    const latent = makeLatent('flux1', 75, 83);
    const whole = await upscale(latent, { scale: 2, method: 'lua' });
    const tiled = await upscale(latent, { scale: 2, method: 'lua', tile: 112 });
    expect(tiled.report.tiles.upscale).toBeGreaterThan(3);
    // Far windows have some influence, so the two are not equal.
    expect(largestDifference(tiled.latent.data, whole.latent.data)).toBeLessThan(0.05);
  });

  it('reports progress by phase and tile, ending with all tiles done', async () => {
    const seen: Progress[] = [];
    await upscale(makeLatent('sdxl', 40, 40), {
      scale: 2,
      method: 'bicubic',
      tile: 48,
      onProgress: (progress) => seen.push(progress),
    });
    for (const phase of ['upscale', 'decode'] as const) {
      const steps = seen.filter((progress) => progress.phase === phase);
      expect(steps.map(({ done }) => done)).toEqual(steps.map((_, i) => i));
      expect(steps.at(-1)!.done).toBe(steps.at(-1)!.total);
      expect(steps.length).toBeGreaterThan(4);
      // What is made ready for the first tile comes before it, so that it is not taken for the tile's own time.
      const from = seen.indexOf(steps[0]!);
      expect(seen[from - 1]?.phase).toBe('prepare');
      expect(seen[from + 1]).toBe(steps[1]);
    }
  });

  it('stops at the next tile when it is cancelled, and works again after', async () => {
    const controller = new AbortController();
    let tiles = 0;
    const cancelled = upscale(makeLatent('sdxl', 40, 40), {
      scale: 2,
      method: 'bicubic',
      tile: 48,
      signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase !== 'decode') return;
        tiles = done;
        if (done === 2) controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(tiles).toBe(2);
    expect((await upscale()).report.tiles.decode).toBe(1);
  });

  it('runs calls one after the other', async () => {
    const results = await Promise.all([upscale(), upscale(), upscale()]);
    expect(largestDifference(results[0]!.picture.rgba, results[2]!.picture.rgba)).toBe(0);
  });

  it('names the models it would need', async () => {
    await expect(upscale(undefined, { scale: 2, method: 'lua', lua: 'other' })).rejects.toMatchObject({
      code: 'no-model',
      detail: { candidates: ['lua-test-sdxl'] },
    });
  });
});

it.each([
  ['in its blocks, as TAEF2', makePooled('decoder')],
  ['at its beginning, as ours for FLUX.2', makeTestModels(['flux2'])],
])('tiles a decoder exactly that pools statistics of the whole latent %s', async (_, pooledModels) => {
  const pooled = await createEngine({
    runtime: openNodeRuntime({ threads: 1 }),
    weights: testSource(pooledModels),
    backend: 'cpu',
    precision: 'fp32',
  });
  const latent = makeLatent('flux2', 24, 40);
  const decode = async (tile?: number) => {
    let picture: TestPicture | undefined;
    const { report } = await pooled.upscale(latent, {
      scale: 1,
      method: 'bicubic',
      ...defined({ tile }),
      openPicture: (width, height) => {
        picture = new TestPicture(width, height);
        return picture;
      },
    });
    return { rgba: picture!.rgba, tiles: report.tiles.decode };
  };
  const [whole, tiled] = [await decode(), await decode(30)];
  expect(whole.tiles).toBe(1);
  expect(tiled.tiles).toBeGreaterThan(1);
  expect(largestDifference(tiled.rgba, whole.rgba)).toBeLessThanOrEqual(1);
});

describe('encode', () => {
  const picture = (width: number, height: number) => {
    const rgba = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < rgba.length; i++) rgba[i] = 128 + 100 * Math.sin(i / 7) + (i % 13);
    return { width, height, rgba };
  };

  it('gives the same latent tiled and untiled, also for sizes that are not multiples of 8', async () => {
    // Tiles have 1024 pixels at most, so this one is cut in two.
    const long = picture(1500, 45);
    const latent = await engine.encode(long, { family: 'sdxl', name: 'long.png' });
    expect(latent.dims).toEqual([4, 6, 188]);
    const left = await engine.encode(
      { width: 1000, height: 45, rgba: cropLeft(long, 1000) },
      { family: 'sdxl' },
    );
    const [rows, keep] = [6, 110];
    for (let c = 0; c < 4; c++) {
      for (let row = 0; row < rows; row++) {
        const [a, b] = [(c * rows + row) * 188, (c * rows + row) * 125];
        const whole = latent.data.subarray(a, a + keep);
        expect(largestDifference(whole, left.data.subarray(b, b + keep))).toBeLessThan(1e-5);
      }
    }
  });

  it('remembers the size of the picture, which the result has again, times the scale', async () => {
    const latent = await engine.encode(picture(45, 27), { family: 'sdxl' });
    expect(latent.provenance.picture).toEqual({ width: 45, height: 27 });
    const { picture: result, report, latent: twice } = await upscale(latent, { scale: 2, method: 'bicubic' });
    expect([result.width, result.height]).toEqual([90, 54]);
    expect([report.width, report.height]).toEqual([90, 54]);
    expect(result.writes.every((count) => count === 1)).toBe(true);
    expect(twice.dims).toEqual([4, 8, 12]);
    expect(twice.provenance.picture).toEqual({ width: 90, height: 54 });
  });

  function cropLeft({ width, height, rgba }: ReturnType<typeof picture>, keep: number): Uint8ClampedArray {
    const cropped = new Uint8ClampedArray(keep * height * 4);
    for (let row = 0; row < height; row++) {
      cropped.set(rgba.subarray(row * width * 4, (row * width + keep) * 4), row * keep * 4);
    }
    return cropped;
  }
});

it('plans its tiles within the memory it may take, and says what it planned', async () => {
  const [latent, wish] = [makeLatent('sdxl', 64, 64), { scale: 2, method: 'lua' } as const];
  const open = (memory: { budget?: number; buffer?: number }) =>
    createEngine({
      runtime: openNodeRuntime({ threads: 1 }),
      weights: testSource(models),
      backend: 'cpu',
      precision: 'fp32',
      memory,
    });
  const openPicture = (width: number, height: number) => new TestPicture(width, height);
  const budget = 24 * 2 ** 20;
  const plenty = await (await open({})).upscale(latent, { ...wish, openPicture });
  const little = await (await open({ budget })).upscale(latent, { ...wish, openPicture });
  const narrow = await (await open({ buffer: 2 ** 20 })).upscale(latent, { ...wish, openPicture });
  expect(plenty.report.tiles).toEqual({ upscale: 1, decode: 1, enlarge: 0 });
  expect(plenty.report.memory.plannedBytes).toBeGreaterThan(budget);
  expect(little.report.tiles.decode).toBeGreaterThan(1);
  expect(little.report.memory).toMatchObject({ budgetBytes: budget, halo: { decode: 7 } });
  expect(little.report.memory.plannedBytes).toBeLessThanOrEqual(budget);
  expect(narrow.report.memory.tensorLimitBytes).toBe(2 ** 20);
  expect(narrow.report.memory.tile.decode).toBeLessThan(128);
});

describe('a picture that takes more memory than there may be', () => {
  const upscale = async (budget: number, options: Partial<EngineUpscaleOptions> = {}) => {
    const small = await createEngine({
      runtime: openNodeRuntime({ threads: 1 }),
      weights: testSource(models),
      backend: 'cpu',
      precision: 'fp32',
      memory: { budget },
    });
    let opened = 0;
    const openPicture = () => {
      opened++;
      return { put: () => {} };
    };
    const wish = { scale: 2, method: 'bicubic', openPicture, ...options } as const;
    const attempt = small.upscale(makeLatent('sdxl', 64, 64), wish);
    return { result: await attempt.catch((thrown) => thrown), opened: () => opened };
  };
  const budget = 6 * 2 ** 20;

  it('is refused before anything is run, with what would fit', async () => {
    const { result, opened } = await upscale(budget);
    expect(result).toMatchObject({ code: 'out-of-memory', detail: { limit: budget } });
    expect(result.message).toMatch(
      /1024 x 1024 takes \d+ MiB .* 6 MiB may be taken.*about \d\d x \d\d would fit/,
    );
    expect(opened()).toBe(0);
  });

  it('is begun where it is written elsewhere as it comes', async () => {
    const { result } = await upscale(budget, { pictureBytes: () => 2 ** 16 });
    expect(result).toMatchObject({ report: { width: 1024, memory: { budgetBytes: budget } } });
    expect(result.report.memory.plannedBytes).toBeLessThanOrEqual(budget);
  });
});

it('waits until the picture has taken a tile before it puts the next one', async () => {
  let [waiting, most, taken] = [0, 0, 0];
  const put = async () => {
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setTimeout(resolve, 50));
    waiting--;
    taken++;
  };
  const wish = { scale: 2, method: 'bicubic', tile: 32 } as const;
  const { report } = await engine.upscale(makeLatent('sdxl', 24, 24), {
    ...wish,
    openPicture: () => ({ put }),
  });
  expect(report.tiles.decode).toBeGreaterThan(2);
  expect({ most, taken }).toEqual({ most: 1, taken: report.tiles.decode });
});

it('says so when WebGPU was asked for and is not there', async () => {
  const notices: Notice[] = [];
  const fallback = await createEngine({
    runtime: openNodeRuntime({ threads: 1 }),
    weights: testSource(models),
    backend: 'webgpu',
    precision: 'auto',
    onNotice: (notice) => notices.push(notice),
  });
  expect(fallback.info().backend).toBe('cpu');
  expect(notices).toHaveLength(1);
});
