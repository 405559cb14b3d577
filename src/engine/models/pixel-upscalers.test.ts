import { expect, test } from 'vitest';
import { buildGraph } from '../../graph';
import { latentFor, openEngine, upscaleToPicture } from '../../testing/engine/checkpoint-engine';
import { writeOnnxEnlarger } from '../../testing/graph/onnx-enlarger-file';
import { runOnNode } from '../../testing/graph/run-on-node';
import { createMemoryStore, openWeights } from '../../weights';
import type { CatalogEntry, WeightsSource } from '../../weights/types';
import { loadModel } from './load-model';

const BASE = 'https://models.test/catalog.json';

/** The file as a person drops it. */
async function add(name: string, bytes: Uint8Array): Promise<{ source: WeightsSource; entry: CatalogEntry }> {
  const source = await openWeights({
    catalogUrl: BASE,
    store: createMemoryStore(),
    fetch: async () => Response.json({ version: 1, models: [] }),
  });
  const file = new File([new Uint8Array(bytes)], name);
  const { id } = await source.add(file, { family: 'sdxl' });
  return { source, entry: source.catalog.models.find((model) => model.id === id)! };
}

test.each([
  ['2x_any.onnx', { scale: 2 }, 2],
  ['for 48 only.onnx', { scale: 2, edge: 48 }, 4],
  ['x4.onnx', { scale: 4 }, 2],
  ['for 160 only.onnx', { scale: 2, edge: 160 }, 1],
])('%s enlarges the decoded picture in tiles as in one piece', async (name, shape, least) => {
  const bytes = writeOnnxEnlarger(shape);
  const { source, entry } = await add(name, bytes);
  expect(entry).toMatchObject({ kind: 'enlarger', architecture: 'onnx-enlarger', scales: [shape.scale] });
  const stored = [...(await source.load(entry)).values()][0]!;
  const engine = await openEngine(stored, entry);
  const decoder = { ...entry, family: 'sdxl' as const };
  const latent = latentFor(decoder, 13, 17);
  const { scale } = shape;
  const wish = { scale, method: 'pixels', enlarger: entry.id, tile: 16 } as const;
  const { picture, report } = await upscaleToPicture(engine, latent, wish);
  expect(report.models).toMatchObject({ enlarger: entry.id });
  expect(report.tiles.enlarge).toBeGreaterThanOrEqual(least);
  expect(picture.writes.every((count) => count === 1)).toBe(true);

  const small = (await upscaleToPicture(engine, latent, { scale: 1, method: 'pixels' })).picture;
  const expected = await enlargeAtOnce(writeOnnxEnlarger({ scale }), small);
  let most = 0;
  const plane = picture.width * picture.height;
  for (const y of [...Array(picture.height).keys()]) {
    for (const x of [...Array(picture.width).keys()]) {
      // At the right and at the bottom it sees reflections, where the whole sees zeros.
      if (y >= picture.height - 3 * scale || x >= picture.width - 3 * scale) continue;
      for (const c of [0, 1, 2]) {
        const at = y * picture.width + x;
        const level = Math.min(255, Math.max(0, 255 * expected[c * plane + at]!));
        most = Math.max(most, Math.abs(picture.rgba[4 * at + c]! - level));
      }
    }
  }
  expect(most).toBeLessThanOrEqual(1);

  async function enlargeAtOnce(model: Uint8Array, { width, height, rgba }: typeof small) {
    const { source, entry } = await add(`x${scale}.onnx`, model);
    const { files, weights } = await loadModel(source, entry, {});
    const planes = Float32Array.from({ length: 3 * width * height }, (_, i) => {
      const plane = width * height;
      return rgba[4 * (i % plane) + Math.floor(i / plane)]! / 255;
    });
    const size = { height, width, scale, precision: 'fp32' as const };
    return runOnNode(buildGraph('onnx-enlarger', { weights: files, bytes: weights, ...size }), planes);
  }
});

test('an upscaler whose name states a wrong factor is refused for the size of its output', async () => {
  const { source, entry } = await add('x3.onnx', writeOnnxEnlarger({ scale: 2, secret: true }));
  const engine = await openEngine([...(await source.load(entry)).values()][0]!, entry);
  const upscale = upscaleToPicture(engine, latentFor({ ...entry, family: 'sdxl' }, 8, 8), {
    scale: 3,
    method: 'pixels',
    enlarger: entry.id,
  });
  await expect(upscale).rejects.toMatchObject({
    code: 'bad-weights',
    message: 'The network enlarges by 2, not by 3.',
    detail: { factor: 2 },
  });
});
