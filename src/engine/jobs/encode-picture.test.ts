import { describe, expect, it } from 'vitest';
import { openModels } from '../../cli/models/open-models';
import { buildGraph } from '../../graph';
import type { NetworkPart } from '../../graph/types';
import { faultyRuntime } from '../../testing/engine/faulty-runtime';
import { encoderConfig, makePooled, makeTestModels, testSource } from '../../testing/engine/test-models';
import { TestPicture } from '../../testing/engine/test-picture';
import { leapEncoderShapes, taesdShapes } from '../../testing/graph/network-shapes';
import { makeWeights } from '../../testing/graph/random-weights';
import { relativeError, runOnNode } from '../../testing/graph/run-on-node';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import type { Runtime } from '../device/runtime';
import { createEngine } from '../engine';

/** What the embedded encoder and decoder may make of one colour, of 255: at the edge no more than elsewhere. */
const TOLERANCE = 16;

it.each(['bicubic', 'lua'] as const)('leaves a flat picture flat up to its edges, by %s', async (method) => {
  const engine = await createEngine({
    runtime: openNodeRuntime(),
    weights: await openModels(undefined, () => {}),
    backend: 'cpu',
    precision: 'fp32',
  });
  const [width, height, grey] = [92, 76, 128];
  const rgba = new Uint8ClampedArray(width * height * 4).fill(grey);
  const latent = await engine.encode({ width, height, rgba }, { family: 'sdxl' });
  let picture: TestPicture | undefined;
  await engine.upscale(latent, {
    scale: 2,
    method,
    openPicture: (w, h) => {
      picture = new TestPicture(w, h);
      return picture;
    },
  });
  await engine.close();
  const colours = picture!.rgba.filter((_, i) => i % 4 !== 3);
  expect(colours.length).toBe(184 * 152 * 3);
  expect(Math.max(...colours.map((value) => Math.abs(value - grey)))).toBeLessThanOrEqual(TOLERANCE);
});

/** Encoders whose last part sees statistics of the whole, with the shapes of their tensors. */
const SEEING_ALL = [
  {
    architecture: 'leap-encoder',
    shapes: leapEncoderShapes(encoderConfig(32)),
    models: makeTestModels(['flux2']),
  },
  { architecture: 'taesd-encoder', shapes: taesdShapes('encoder', 32, true), models: makePooled('encoder') },
] as const;

describe.each(SEEING_ALL)(
  'a $architecture that sees statistics of the whole',
  ({ architecture, shapes, models }) => {
    const open = (runtime: Runtime, memory = {}) =>
      createEngine({ runtime, weights: testSource(models), backend: 'auto', precision: 'fp32', memory });
    const makePicture = (width: number, height: number) => {
      const rgba = new Uint8ClampedArray(4 * width * height);
      for (let i = 0; i < rgba.length; i++) rgba[i] = 128 + (i / rgba.length) * 127 * Math.sin(i / 7);
      return { width, height, rgba };
    };

    it('gives in tiles what its graphs give, and counts every run', async () => {
      const engine = await open(openNodeRuntime({ threads: 1 }));
      // Tiles have 1024 pixels at most, so this one is cut in two. Its sides are no multiples of 8.
      const [width, height] = [1196, 37];
      const picture = makePicture(width, height);
      const seen: string[] = [];
      const { data, dims } = await engine.encode(picture, {
        family: 'flux2',
        onProgress: ({ phase, done, total }) => void (phase === 'encode' && seen.push(`${done} of ${total}`)),
      });
      await engine.close();
      expect(dims).toEqual([32, 5, 150]);
      expect([...new Set(seen)]).toEqual(['0 of 3', '1 of 3', '2 of 3', '3 of 3']);

      // In one piece. For its first part the picture goes on by reflection, four positions on every side.
      const [high, wide] = [8 * (5 + 8), 8 * (150 + 8)];
      const inside = (index: number, size: number) => {
        const at = Math.abs(index - 32) % (2 * (size - 1));
        return at < size ? at : 2 * (size - 1) - at;
      };
      const planes = Float32Array.from({ length: 3 * wide * high }, (_, i) => {
        const [x, y, channel] = [i % wide, Math.floor(i / wide) % high, Math.floor(i / wide / high)];
        return picture.rgba[4 * (inside(y, height) * width + inside(x, width)) + channel]! / 255;
      });
      const weights = makeWeights(shapes);
      const run = (part: NetworkPart, input: Float32Array, rows: number, columns: number) => {
        const options = { weights: [weights.file], part, precision: 'fp32' as const };
        return runOnNode(buildGraph(architecture, { ...options, height: rows, width: columns }), input, [
          weights,
        ]);
      };
      const features = await run('pixels', planes, high, wide);
      const channels = features.length / (13 * 158);
      const kept = Float32Array.from({ length: channels * 5 * 150 }, (_, i) => {
        const [x, y, channel] = [i % 150, Math.floor(i / 150) % 5, Math.floor(i / 750)];
        return features[(channel * 13 + y + 4) * 158 + x + 4]!;
      });
      expect(relativeError(data, await run('latent', kept, 5, 150))).toBeLessThan(1e-5);
    });

    it('encodes a picture of one pixel', async () => {
      const engine = await open(openNodeRuntime({ threads: 1 }));
      const { data, dims } = await engine.encode(makePicture(1, 1), { family: 'flux2' });
      await engine.close();
      expect(dims).toEqual([32, 1, 1]);
      expect(data.every(Number.isFinite)).toBe(true);
    });

    it('moves on where its last part gives what is not a number', async () => {
      const picture = makePicture(40, 48);
      const spoil = (output: Float32Array, width: number) => {
        if (width === 5) output[7] = Number.NaN;
      };
      const runtime = faultyRuntime(['webgpu', 'wasm'], [{ spoil }]);
      const engine = await open(runtime);
      const { data } = await engine.encode(picture, { family: 'flux2' });
      await engine.close();
      expect(data.every(Number.isFinite)).toBe(true);
      expect(runtime.opened).toEqual(['webgpu', 'wasm']);
    });

    it('is refused before its tiles where its last part does not fit', async () => {
      const runtime = faultyRuntime(['webgpu'], []);
      const engine = await open(runtime, { buffer: 300 * 1024 });
      const encoding = engine.encode(makePicture(1200, 200), { family: 'flux2' });
      await expect(encoding).rejects.toMatchObject({ code: 'out-of-memory', detail: { indivisible: true } });
      expect(runtime.runs).toBe(0);
      await engine.close();
    });

    it('is cancelled before its last part', async () => {
      const runtime = faultyRuntime(['webgpu'], []);
      const engine = await open(runtime);
      const stop = new AbortController();
      const encoding = engine.encode(makePicture(40, 48), {
        family: 'flux2',
        signal: stop.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'encode' && done === 1) stop.abort();
        },
      });
      await expect(encoding).rejects.toMatchObject({ code: 'cancelled' });
      expect(runtime.runs).toBe(1);
      await engine.close();
    });
  },
);
