import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openModels } from '../../cli/models/open-models';
import { readTensorFile } from '../../formats';
import { reflect } from '../../graph';
import { readLatents } from '../../latent';
import type { Latent } from '../../latent/types';
import { TestPicture } from '../../testing/engine/test-picture';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import { createEngine } from '../engine';

const SAMPLE = new URL('../../../public/samples/hubble_sdxl.latent', import.meta.url);

/** More than the smallest tile of any layout, in latent positions. */
const EDGE = 80;

/**
 * LUA's windows see far, so its tiles cannot be exact. What one may see of it in the decoded picture, with the
 * trained weights: 1/255 on average and 8/255 at most. docs/benchmarks.md has what was measured.
 */
it('shows no trace of the tiles that the embedded LUA was run in', async () => {
  const [sample] = readLatents(readTensorFile(await readFile(SAMPLE)), { name: 'hubble_sdxl.latent' });
  const latent = growByReflection(sample!, EDGE);
  const engine = await createEngine({
    runtime: openNodeRuntime(),
    weights: await openModels(undefined, () => {}),
    backend: 'cpu',
    precision: 'fp32',
  });
  const upscale = async (tile: number) => {
    let picture: TestPicture | undefined;
    const { report } = await engine.upscale(latent, {
      scale: 2,
      method: 'lua',
      tile,
      openPicture: (width, height) => {
        picture = new TestPicture(width, height);
        return picture;
      },
    });
    return { rgba: picture!.rgba, tiles: report.tiles.upscale };
  };
  const [whole, tiled] = [await upscale(2 * EDGE), await upscale(96)];
  expect(whole.tiles).toBe(1);
  expect(tiled.tiles).toBeGreaterThanOrEqual(4);
  let [sum, most] = [0, 0];
  for (const [i, value] of whole.rgba.entries()) {
    const difference = Math.abs(value - tiled.rgba[i]!);
    sum += difference;
    most = Math.max(most, difference);
  }
  expect(sum / ((whole.rgba.length * 3) / 4)).toBeLessThan(0.1);
  expect(most).toBeLessThanOrEqual(8);
}, 300_000);

function growByReflection(latent: Latent, edge: number): Latent {
  const [channels, height, width] = latent.dims;
  const data = Float32Array.from({ length: channels * edge * edge }, (_, i) => {
    const [c, y, x] = [Math.floor(i / edge ** 2), Math.floor(i / edge) % edge, i % edge];
    return latent.data[(c * height + reflect(y, height)) * width + reflect(x, width)]!;
  });
  return { ...latent, dims: [channels, edge, edge], data };
}
