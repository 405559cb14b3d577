import { expect, test } from 'vitest';
import { LeapError } from '../../errors';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import { addFullDecoder, makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import { createEngine } from '../engine';
import type { Progress } from '../types';

const models = addFullDecoder(makeTestModels(['sdxl']));
const latent = makeLatent('sdxl', 10, 12);
const lost = new LeapError('device-lost', 'The GPU device was lost: pulled out.');

async function decode(faults: Fault[], options: { tile?: number; cancelAt?: number } = {}) {
  const runtime = faultyRuntime(['webgpu', 'wasm'], faults);
  const engine = await createEngine({
    runtime,
    weights: testSource(models),
    backend: 'auto',
    precision: 'fp32',
  });
  const controller = new AbortController();
  const seen: Progress[] = [];
  let picture: TestPicture | undefined;
  const { report } = await engine.upscale(latent, {
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

test('progress counts every run once, up to the end', async () => {
  const { seen, report } = await decode([]);
  const total = report.memory.split!.runs;
  expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: total + 1 }, (_, i) => i));
  expect(new Set(seen.map((progress) => progress.total))).toEqual(new Set([total]));
});

test('the pieces can be cancelled between runs', async () => {
  await expect(decode([], { cancelAt: 10 })).rejects.toMatchObject({ code: 'cancelled' });
});
