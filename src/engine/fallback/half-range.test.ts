import { expect, test } from 'vitest';
import { defined } from '../../defined';
import { writeSafetensors } from '../../formats';
import { entryOf, latentFor, openEngine, upscaleToPicture } from '../../testing/engine/checkpoint-engine';
import { faultyRuntime } from '../../testing/engine/faulty-runtime';
import { klShapes, narrowKl } from '../../testing/graph/kl-shapes';
import { makeLoudWeights } from '../../testing/graph/loud-weights';

const SHAPES = klShapes(narrowKl());

/** @param factor multiplies the features between normalisations @param tile of the decoder, in latent positions */
async function decode(factor: number, tile: number | undefined, precision: 'auto' | 'fp32') {
  const { file, bytes } = makeLoudWeights(SHAPES, factor);
  const tensors = [...file.header.entries.values()].map(({ begin, end, ...tensor }) => {
    return { ...tensor, bytes: bytes.subarray(begin, end) };
  });
  const checkpoint = writeSafetensors(tensors, {});
  const entry = entryOf(checkpoint, 'loud', 'decoder', 'sdxl');
  // Its devices claim to be GPUs with fp16, but they compute on the processor.
  const engine = await openEngine(checkpoint, entry, { runtime: faultyRuntime(['webgpu'], []), precision });
  const wish = { scale: 1, method: 'bicubic', decoder: 'loud', ...defined({ tile }) } as const;
  return upscaleToPicture(engine, latentFor(entry, 12, 10), wish);
}

test.each([
  ['in one piece', undefined],
  ['in pieces', 8],
])('SDXL-like features run in fp16, %s; larger ones in fp32, with a notice', async (_, tile) => {
  const reference = await decode(1, undefined, 'fp32');
  const loud = await decode(1e5, tile, 'auto');
  expect(loud.report).toMatchObject({ precision: 'fp16', notices: [] });
  expect(difference(loud.picture.rgba, reference.picture.rgba)).toBeLessThan(1);
  const louder = await decode(1e8, tile, 'auto');
  expect(louder.report.precision).toBe('fp32');
  expect(louder.report.notices[0]).toMatch(/WebGPU in fp16 did not work here: .*no(t| )/);
  expect(difference(louder.picture.rgba, reference.picture.rgba)).toBeLessThan(1);
});

/** On average, in levels. */
function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
