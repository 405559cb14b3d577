import { type Grid, IDENTITY, type TileStats } from '../device/runtime';
import { putTile } from '../pictures/put-tile';
import { FLAT_PIXELS, spreadOf, tileValues } from '../tiles/picture-tile';
import { placementOf, planTiles, type Tile, type TilingRule } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { checkTile } from '../tiles/tile-health';
import type { Picture } from '../types';
import type { Workbench } from '../workbench';
import type { Job } from './job';

/**
 * Enlarges the job's decoded picture into its large one, tile by tile; tiles that an earlier attempt finished are
 * left out.
 *
 * @returns how many tiles it took; 0 where nothing is enlarged after the decoder
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function enlargePicture(
  workbench: Workbench,
  job: Job,
  rule: TilingRule | undefined,
): Promise<number> {
  const { small, way } = job;
  const network = way.enlarger;
  if (!small || !network || !rule) return 0;
  const { grids } = workbench.device;
  // Filled up by reflection to what the network takes; what is made of that is cut off again.
  const fill = (side: number) => Math.max(network.edge ?? 0, Math.ceil(side / rule.align) * rule.align);
  const all = planTiles(fill(small.height), fill(small.width), rule);
  const tiles = all.filter((tile) => !small.enlarged.has(inside(tile, small)));
  const skipped = all.length - tiles.length;
  let spread = 0;

  const place = async (output: Grid, tile: Tile, inputSpread: number): Promise<void> => {
    const { device } = workbench;
    const check = (stats: TileStats) =>
      checkTile(stats, () => (inputSpread > FLAT_PIXELS ? inputSpread : 0), 'pixel upscaler');
    const placement = placementOf(tile, network.scale);
    await putTile(device, job.openPicture(device), output, placement, job.checksTiles ? check : undefined);
    small.enlarged.mark(inside(tile, small));
  };
  // One tile is read back while the next one is computed.
  let reading: Promise<void> = Promise.resolve();
  try {
    await runTiles(workbench, {
      network,
      tiles,
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, 'Preparing the enlargement'),
      onTile: (done) =>
        job.progress(
          'enlarge',
          skipped + done,
          all.length,
          `Enlarging, tile ${skipped + done} of ${all.length}`,
        ),
      fill: (tile, input) => {
        const values = tileValues(small, tile);
        spread = spreadOf(values);
        const pixels = grids.fromArray(values, input.dims);
        grids.cut(pixels, 0, 0, input, IDENTITY);
        grids.free(pixels);
      },
      take: async (output, tile) => {
        await reading;
        reading = place(output, tile, spread);
        reading.catch(() => {});
      },
    });
    await reading;
  } finally {
    await reading.catch(() => {});
  }
  return all.length;
}

/** What the tile keeps of the picture itself. */
function inside({ x, y }: Tile, { width, height }: Picture): Tile {
  const clip = (axis: Tile['x'], length: number): Tile['x'] => ({
    ...axis,
    from: Math.min(axis.from, length),
    to: Math.min(axis.to, length),
  });
  return { x: clip(x, width), y: clip(y, height) };
}
