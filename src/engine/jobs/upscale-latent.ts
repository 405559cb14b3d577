import type { Dims, Grid } from '../device/runtime';
import type { Stage } from '../stage';
import { pieceOf, planTiles, type TilingRule } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { checkTile, spreadUnder } from '../tiles/tile-health';
import type { Job } from './job';

/**
 * The job's latent, enlarged, in model space, left where the device keeps its grids.
 *
 * @returns the grid, and how many tiles it took
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function upscaleLatent(
  stage: Stage,
  job: Job,
  rule: TilingRule | null,
): Promise<{ grid: Grid; tiles: number }> {
  const { grids } = stage.device;
  const { latent, upscaler: network } = job;
  const dims: Dims = [latent.dims[0], job.height, job.width];
  if (!network || !rule) return { grid: grids.fromArray(latent.data, dims), tiles: 0 };
  if (job.upscaled) return { grid: grids.fromArray(job.upscaled, dims), tiles: 0 };

  const [, height, width] = latent.dims;
  const tiles = planTiles(height, width, rule);
  const source = grids.fromArray(latent.data, latent.dims);
  const grid = grids.zeros(dims);
  const checks: Promise<void>[] = [];
  try {
    await runTiles(stage, {
      network,
      tiles,
      fill: ({ x, y }, input) => grids.cut(source, x.start, y.start, input, network.affineIn),
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, 'Preparing the upscaler'),
      onTile: (done) =>
        job.progress('upscale', done, tiles.length, `Upscaling, tile ${done} of ${tiles.length}`),
      take: (output, tile) => {
        const stats = grids.add(output, pieceOf(tile, network.scale), grid, network.affineOut);
        // Looked at in the end: waiting here would keep the device from its next tile.
        const check = stats.then((found) => checkTile(found, () => spreadUnder(tile, latent, 1), 'upscaler'));
        check.catch(() => {});
        checks.push(check);
      },
    });
    await Promise.all(checks);
    return { grid, tiles: tiles.length };
  } catch (thrown) {
    grids.free(grid);
    throw thrown;
  } finally {
    await Promise.allSettled(checks);
    grids.free(source);
  }
}
