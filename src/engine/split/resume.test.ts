import { expect, test } from 'vitest';
import { LeapError } from '../../errors';
import type { Precision } from '../../graph/types';
import type { Latent } from '../../latent/types';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import { addFullDecoder, makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import { createEngine } from '../engine';
import type { Backend, Progress } from '../types';

const models = addFullDecoder(makeTestModels(['sdxl']));
const latent = makeLatent('sdxl', 10, 12);
const lost = new LeapError('device-lost', 'The GPU device was lost: pulled out.');

interface Wish {
  of?: Latent;
  tile?: number;
  cancelAt?: number;
  precision?: Precision;
  backends?: Backend[];
}

async function decode(faults: Fault[], options: Wish = {}) {
  const { of = latent, precision = 'fp32', backends = ['webgpu', 'wasm'] } = options;
  const runtime = faultyRuntime(backends, faults);
  const engine = await createEngine({ runtime, weights: testSource(models), backend: 'auto', precision });
  const controller = new AbortController();
  const seen: Progress[] = [];
  let picture: TestPicture | undefined;
  const { report } = await engine.upscale(of, {
    scale: 1,
    method: 'bicubic',
    decoder: 'decoder-full-sdxl',
    tile: options.tile ?? 8,
    signal: controller.signal,
    onProgress: (progress) => {
      if (progress.phase === 'decode') seen.push(progress);
      if (progress.phase === 'decode' && progress.done === options.cancelAt) controller.abort();
    },
    openPicture: (width, height) => {
      picture = new TestPicture(width, height);
      return picture;
    },
  });
  return { picture: picture!, report, runs: runtime.runs, seen };
}

test('a picture whose features do not fit into memory is refused in plain words', async () => {
  const engine = await createEngine({
    runtime: faultyRuntime(['wasm'], []),
    weights: testSource(models),
    backend: 'auto',
    precision: 'fp32',
    memory: { budget: 2 ** 23 },
  });
  const wish = { scale: 4, method: 'bicubic', decoder: 'decoder-full-sdxl' } as const;
  const openPicture = (width: number, height: number) => new TestPicture(width, height);
  await expect(engine.upscale(makeLatent('sdxl', 32, 32), { ...wish, openPicture })).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/has to keep \d+ MiB of features/),
  });
});

const difference = (a: TestPicture, b: TestPicture): number =>
  a.rgba.reduce((most, value, i) => Math.max(most, Math.abs(value - b.rgba[i]!)), 0);

test('a device that is lost between the pieces costs only the current pass', async () => {
  const smooth = await decode([]);
  const total = smooth.report.memory.split!.runs;
  expect(smooth.runs).toBe(total);
  const broken = await decode([{ failAt: { run: Math.ceil(total * 0.7), error: lost } }]);
  expect(broken.report.notices).toHaveLength(1);
  expect(difference(broken.picture, smooth.picture)).toBeLessThanOrEqual(1);
  expect(broken.picture.writes.every((count) => count === 1)).toBe(true);
  // From then on the tiles are half as large, so the rest takes more runs, but not all of them again.
  const again = (await decode([], { tile: 5 })).runs;
  expect(broken.runs - total * 0.7).toBeLessThan(again * 0.7);
});

// What the tiles of the last pass keep must be whole positions of the latent, or a tile is taken for done that is not.
test('a device that is lost during the last pass leaves no pixel out', async () => {
  const wish = { of: makeLatent('sdxl', 24, 32), tile: 10 };
  const smooth = await decode([], wish);
  const total = smooth.report.memory.split!.runs;
  for (const left of [1, 3, 5, 7, 9]) {
    const { picture, report } = await decode([{ failAt: { run: total - left, error: lost } }], wish);
    expect(report.notices).toHaveLength(1);
    expect(picture.writes.every((count) => count >= 1)).toBe(true);
    expect(difference(picture, smooth.picture)).toBeLessThanOrEqual(1);
  }
});

test('features of a computation that turned out to be wrong are computed again', async () => {
  const good = await decode([], { backends: ['wasm'] });
  let outputs = 0;
  // The values of the first half are finite, so nothing shows until one is not.
  const spoil = (output: Float32Array) => {
    if (++outputs < good.runs / 2) output.set(output.map((value) => value / 2));
    else output[0] = Number.NaN;
  };
  const { picture, report } = await decode([{ spoil }]);
  expect(outputs).toBeGreaterThan(good.runs / 2);
  expect(report.backend).toBe('wasm');
  expect(difference(picture, good.picture)).toBe(0);
});

test('features of another precision are computed again', async () => {
  const good = await decode([], { backends: ['wasm'], tile: 8 });
  const late = { failAt: { run: Math.ceil(good.runs * 0.6), error: lost } };
  const next = { failAt: { run: 2, error: lost } };
  const { picture, report } = await decode([late, next, next], { precision: 'fp16', tile: 8 });
  expect(report).toMatchObject({ backend: 'wasm', precision: 'fp32' });
  expect(difference(picture, good.picture)).toBe(0);
});

test('progress counts every run once, up to the end', async () => {
  const { seen, report } = await decode([]);
  const total = report.memory.split!.runs;
  expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: total + 1 }, (_, i) => i));
  expect(new Set(seen.map((progress) => progress.total))).toEqual(new Set([total]));
});

test('the pieces can be cancelled between runs', async () => {
  await expect(decode([], { cancelAt: 10 })).rejects.toMatchObject({ code: 'cancelled' });
});
