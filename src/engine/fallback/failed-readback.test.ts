import { describe, expect, it } from 'vitest';
import { upscaleToPicture } from '../../testing/engine/checkpoint-engine';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import { addFullDecoder, makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import { createEngine } from '../engine';
import type { Notice } from '../types';

// Where the memory for reading something back is not there, a GPU gives zeros and tells of the error afterwards. What
// is kept for the next attempt must not be those zeros.

const models = addFullDecoder(makeTestModels(['sdxl']));

async function open(fault: Fault) {
  const notices: Notice[] = [];
  const engine = await createEngine({
    runtime: faultyRuntime(['webgpu'], [fault]),
    weights: testSource(models),
    backend: 'auto',
    precision: 'fp32',
    onNotice: (notice) => notices.push(notice),
  });
  return { engine, notices };
}

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('a decoder in pieces gives the right picture', () => {
  it.each([
    ['array of features', 'blankArray'],
    ['part of the statistics', 'blankMoments'],
  ] as const)('whichever %s cannot be read back', async (_, name) => {
    const latent = makeLatent('sdxl', 5, 3);
    const decode = async (fault: Fault) => {
      const { engine } = await open(fault);
      const wish = { scale: 1, method: 'bicubic', decoder: 'decoder-full-sdxl', tile: 4 } as const;
      return upscaleToPicture(engine, latent, { ...wish, keepLatent: false });
    };
    const good = await decode({});
    expect(good.report.memory.split).toBeDefined();
    let count = 0;
    // Until there are no more that could fail.
    for (let failed = true; failed; ) {
      const { picture, report } = await decode({ [name]: count + 1 });
      failed = report.notices.length > 0;
      if (failed) count++;
      expect(report.notices.length).toBeLessThanOrEqual(1);
      expect(difference(picture.rgba, good.picture.rgba), `read-back ${count}`).toBeLessThanOrEqual(1);
    }
    expect(count).toBeGreaterThan(5);
  });
});

it('the latent that is kept is right where its read-back fails', async () => {
  const upscale = async (fault: Fault) => {
    const { engine } = await open(fault);
    return upscaleToPicture(engine, makeLatent('sdxl', 12, 10), { scale: 2, method: 'lua' });
  };
  const good = await upscale({});
  const { latent, picture, report } = await upscale({ blankArray: 1 });
  expect(report.notices).toHaveLength(1);
  expect(difference(latent.data, good.latent.data)).toBeLessThan(1e-5);
  expect(difference(picture.rgba, good.picture.rgba)).toBeLessThanOrEqual(1);
});

it('the latent of a picture is right where its read-back fails', async () => {
  const rgba = Uint8ClampedArray.from({ length: 64 * 48 * 4 }, (_, i) => (i * 37) % 251);
  const encode = async (fault: Fault) => {
    const { engine, notices } = await open(fault);
    const { data } = await engine.encode({ width: 64, height: 48, rgba }, { family: 'sdxl' });
    return { data, notices };
  };
  const good = await encode({});
  const { data, notices } = await encode({ blankArray: 1 });
  expect(notices).toHaveLength(1);
  expect(difference(data, good.data)).toBeLessThan(1e-5);
});
