import type { Job } from './job';
import { runTiles } from './run-tiles';
import { runWhole } from './run-whole';
import type { Grid } from './runtime';
import type { Stage } from './stage';
import { pieceOf, planTiles, type Tile, type TilingRule } from './tiles/plan-tiles';
import { checkTile, spreadUnder } from './tiles/tile-health';

/**
 * Decodes a latent into the job's picture, tile by tile; tiles that an earlier attempt finished are left out.
 *
 * @param grid model space, the upscaled latent
 * @returns how many tiles it took
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function decodeLatent(stage: Stage, job: Job, grid: Grid, rule: TilingRule): Promise<number> {
  const { decoder: network, height, width } = job;
  const all = planTiles(height, width, rule);
  const tiles = all.filter((tile) => !job.decoded.has(tile));
  const skipped = all.length - tiles.length;

  const place = async (output: Grid, tile: Tile): Promise<void> => {
    const { rect, x, y } = pieceOf(tile, network.scale);
    const { rgba, stats } = await stage.device.grids.toRgba(output, rect);
    checkTile(stats, () => spreadUnder(tile, job.latent, job.options.scale), 'decoder');
    job.picture.put(x, y, rect.width, rect.height, rgba);
    job.decoded.mark(tile);
  };
  const { before } = network;
  const source = before ? await runWhole(stage, before, grid, job) : grid;
  // One tile is read back while the next one is computed; more would only take memory.
  let reading: Promise<void> = Promise.resolve();
  try {
    await runTiles(stage, {
      network,
      tiles,
      fill: ({ x, y }, input) => stage.device.grids.cut(source, x.start, y.start, input, network.affineIn),
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, 'Preparing the decoder'),
      onTile: (done) =>
        job.progress(
          'decode',
          skipped + done,
          all.length,
          `Decoding, tile ${skipped + done} of ${all.length}`,
        ),
      take: async (output, tile) => {
        await reading;
        reading = place(output, tile);
        reading.catch(() => {});
      },
    });
    await reading;
  } finally {
    // No answer of this attempt may come in when the next one has begun.
    await reading.catch(() => {});
    if (source !== grid) stage.device.grids.free(source);
  }
  return all.length;
}
