import { describe, expect, it, vi } from 'vitest';
import { LeapError } from '../../errors';
import { upscaleToPicture } from '../../testing/engine/checkpoint-engine';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import { makeLatent, makeTestModels, testSource } from '../../testing/engine/test-models';
import type { EngineUpscaleOptions } from '../api';
import { createEngine } from '../engine';

const models = makeTestModels(['sdxl']);
const square = makeLatent('sdxl', 24, 24);

async function open(faults: Fault[]) {
  const runtime = faultyRuntime(['webgpu', 'wasm'], faults);
  const engine = await createEngine({
    runtime,
    weights: testSource(models),
    backend: 'auto',
    precision: 'fp32',
  });
  return { engine, runtime };
}

type Wish = Omit<EngineUpscaleOptions, 'openPicture'>;

async function upscale(wish: Wish, faults: Fault[] = [], latent = square) {
  const { engine, runtime } = await open(faults);
  return { ...(await upscaleToPicture(engine, latent, wish)), runs: runtime.runs };
}

type Change = (output: Float32Array) => unknown;

/** Changes the output of the run with that number, counted from 1, and nothing else but what is done `before`. */
function spoilAt(run: number, change: Change, before: Change = () => {}): Fault {
  let outputs = 0;
  return {
    spoil: (output) => {
      outputs++;
      if (outputs === run) change(output);
      if (outputs < run) before(output);
    },
  };
}

const blacken: Change = (output) => output.fill(0);
const halve: Change = (output) => output.set(output.map((value) => value / 2));

describe('a last tile that is wrong', () => {
  it.each<[string, Change]>([
    ['black', blacken],
    ['a single value that is not a number', (output) => output.fill(Number.NaN, 7, 8)],
  ])('is noticed in an enlarged latent: %s', async (_, change) => {
    const wish = { scale: 2, method: 'bicubic', tile: 24 } as const;
    const good = await upscale(wish);
    expect(good.report.tiles.decode).toBeGreaterThan(3);
    const { report, picture } = await upscale(wish, [spoilAt(good.runs, change)]);
    expect(report.backend).toBe('wasm');
    expect(report.notices.join()).toContain('The decoder gave');
    expect(Buffer.from(picture.rgba).equals(Buffer.from(good.picture.rgba))).toBe(true);
  });

  it('is noticed in the second pass of an upscaler', async () => {
    // So long that the last tile of the second pass lies wholly beyond the size of the latent itself.
    const latent = makeLatent('sdxl', 8, 64);
    const wish = { scale: 4, method: 'lua', passes: 2, tile: 112 } as const;
    const good = await upscale(wish, [], latent);
    expect(good.report.tiles.upscale).toBeGreaterThan(3);
    const { report, picture } = await upscale(wish, [spoilAt(good.report.tiles.upscale, blacken)], latent);
    expect(report.backend).toBe('wasm');
    expect(report.notices.join()).toContain('The upscaler gave a tile of one value');
    expect(Buffer.from(picture.rgba).equals(Buffer.from(good.picture.rgba))).toBe(true);
  });

  it('takes all with it that was enlarged before, so the next picture has no holes', async () => {
    const wish = { scale: 2, method: 'pixels', enlarger: 'lanczos', tile: 8 } as const;
    const good = await upscale(wish);
    expect(good.report.tiles.enlarge).toBeGreaterThan(3);
    const { report, picture } = await upscale(wish, [spoilAt(good.runs, blacken, halve)]);
    expect(report.backend).toBe('wasm');
    expect(report.notices.join()).toContain('The pixel upscaler gave');
    expect(picture.writes.every((count) => count === 1)).toBe(true);
    expect(Buffer.from(picture.rgba).equals(Buffer.from(good.picture.rgba))).toBe(true);
  });
});

it('a decoded picture of one colour is enlarged to one of one colour, and nobody takes that for a fault', async () => {
  const flat = { ...square, data: new Float32Array(square.data.length) };
  const wish = { scale: 2, method: 'pixels', enlarger: 'bicubic', tile: 8 } as const;
  const { tiles } = (await upscale(wish, [], flat)).report;
  expect(tiles.enlarge).toBeGreaterThan(3);
  // What the decoder gives is the colour; what comes behind it is computed as it should be.
  const grey = spoilAt(
    tiles.decode + 1,
    () => {},
    (output) => output.fill(0.5),
  );
  const { report, picture } = await upscale(wish, [grey], flat);
  expect(report).toMatchObject({ backend: 'webgpu', notices: [] });
  expect(new Set(picture.rgba)).toEqual(new Set([128, 255]));
});

it('a picture that is slow to take a tile has taken it before it is discarded', async () => {
  const wish = { scale: 2, method: 'bicubic', tile: 24 } as const;
  const { runs } = await upscale(wish);
  const error = new LeapError('internal', 'A kernel failed.', { runtime: true });
  const { engine, runtime } = await open([{ failAt: { run: runs, error } }]);
  const events: string[] = [];
  const openPicture = () => {
    events.push('open');
    return {
      put: async () => {
        events.push('put');
        // A tile is taken while the next one is computed, here the one whose run fails.
        if (runtime.runs >= runs - 1) await vi.waitUntil(() => runtime.runs >= runs, { timeout: 30_000 });
        events.push('taken');
      },
      discard: () => void events.push('discard'),
    };
  };
  const { report } = await engine.upscale(square, { ...wish, openPicture });
  const { decode } = report.tiles;
  const each = (tiles: number) => Array(tiles).fill(['put', 'taken']).flat();
  expect(events).toEqual(['open', ...each(decode - 1), 'discard', 'open', ...each(decode)]);
});
