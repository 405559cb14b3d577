import type { EncodeJob } from './encode-job';
import { runTiles } from './run-tiles';
import { IDENTITY } from './runtime';
import type { Stage } from './stage';
import { chooseRule } from './tiles/choose-rule';
import { pieceOf, planTiles, type Tile } from './tiles/plan-tiles';
import { checkTile } from './tiles/tile-health';
import type { Picture } from './types';

/** A picture's values differ by less than this where it is one colour. */
const FLAT_PIXELS = 2 / 255;

/**
 * A picture as a latent in the space of the encoder, [C, h, w] with h and w its size divided by 8, rounded up; the
 * rest is filled by reflection.
 *
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function encodePicture(stage: Stage, job: EncodeJob): Promise<Float32Array> {
  const { picture, network, options } = job;
  const { device, costs, limits } = stage;
  const { grids } = device;
  const stride = Math.round(1 / network.scale);
  const [height, width] = [picture.height, picture.width].map((size) => Math.ceil(size / stride)) as [
    number,
    number,
  ];
  const tileLimits = {
    tensorBytes: limits.tensorBytes,
    runBytes: limits.budgetBytes - picture.rgba.byteLength,
    edge: job.tileLimit,
  };
  const rule = chooseRule(network, costs, tileLimits, height * stride, width * stride);
  const tiles = planTiles(height * stride, width * stride, rule);
  const grid = grids.zeros([network.channels, height, width]);
  const checks: Promise<void>[] = [];
  try {
    let spread = 0;
    await runTiles(stage, {
      network,
      tiles,
      signal: options.signal,
      onPrepare: (done) => {
        options.onProgress?.({ phase: 'prepare', done, total: 1, message: 'Preparing the encoder' });
      },
      onTile: (done) => {
        const [total, message] = [tiles.length, `Encoding, tile ${done} of ${tiles.length}`];
        options.onProgress?.({ phase: 'encode', done, total, message });
      },
      fill: (tile, input) => {
        const values = tileValues(picture, tile);
        spread = spreadOf(values);
        const pixels = grids.fromArray(values, input.dims);
        grids.cut(pixels, 0, 0, input, IDENTITY);
        grids.free(pixels);
      },
      take: (output, tile) => {
        const visible = spread > FLAT_PIXELS ? spread : 0;
        const stats = grids.add(output, pieceOf(tile, network.scale), grid, network.affineOut);
        const check = stats.then((found) => checkTile(found, () => visible, 'encoder'));
        check.catch(() => {});
        checks.push(check);
      },
    });
    await Promise.all(checks);
    const latent = await grids.toArray(grid);
    device.checkHealth();
    return latent;
  } finally {
    await Promise.allSettled(checks);
    grids.free(grid);
  }
}

/** RGB in [0, 1] under a tile, [3, H, W]; beyond the picture its reflection. */
function tileValues({ width, height, rgba }: Picture, { x, y }: Tile): Float32Array {
  const plane = x.size * y.size;
  const values = new Float32Array(3 * plane);
  for (let row = 0; row < y.size; row++) {
    const line = reflect(y.start + row, height) * width;
    for (let column = 0; column < x.size; column++) {
      const read = (line + reflect(x.start + column, width)) * 4;
      const write = row * x.size + column;
      for (let c = 0; c < 3; c++) values[c * plane + write] = rgba[read + c]! / 255;
    }
  }
  return values;
}

/** As numpy's 'reflect': the edge itself is not repeated; again and again for pictures that are tiny. */
function reflect(i: number, length: number): number {
  if (i < length) return i;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const at = i % period;
  return at < length ? at : period - at;
}

function spreadOf(values: Float32Array): number {
  let [min, max] = [1, 0];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return max - min;
}
