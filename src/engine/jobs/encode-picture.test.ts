import { expect, it } from 'vitest';
import { openModels } from '../../cli/models/open-models';
import { TestPicture } from '../../testing/engine/test-picture';
import { openNodeRuntime } from '../device/node/open-node-runtime';
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
