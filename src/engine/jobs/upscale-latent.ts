import type { Grid } from '../device/runtime';
import type { Network } from '../network';
import type { Stage } from '../stage';
import { pieceOf, planTiles, type Tile, type TilingRule } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { runWhole } from '../tiles/run-whole';
import { checkTile } from '../tiles/tile-health';
import type { Job } from './job';

/**
 * The job's latent, enlarged, in model space, left where the device keeps its grids.
 *
 * @param rules one for each upscaler of the way
 * @returns the grid, and how many tiles it took
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function upscaleLatent(
  stage: Stage,
  job: Job,
  rules: TilingRule[],
): Promise<{ grid: Grid; tiles: number }> {
  const { grids } = stage.device;
  const { latent, way } = job;
  if (job.upscaled) {
    return { grid: grids.fromArray(job.upscaled, [latent.dims[0], job.height, job.width]), tiles: 0 };
  }
  let grid = await openSource(stage, job);
  const plans = way.upscalers.map((network, i) => ({ network, rule: rules[i]! }));
  const passes: Pass[] = [];
  let scale = 1;
  for (const { network, rule } of plans) {
    const [height, width] = [latent.dims[1], latent.dims[2]].map((side) => Math.round(side * scale)) as [
      number,
      number,
    ];
    passes.push({ network, tiles: planTiles(height, width, rule), height, width, scale });
    scale *= network.scale;
  }
  const total = passes.reduce((sum, { tiles }) => sum + tiles.length, 0);
  let done = 0;
  for (const pass of passes) {
    grid = await runPass(stage, job, grid, pass, { done, total });
    done += pass.tiles.length;
  }
  return { grid, tiles: total };
}

/** One run of an upscaler over all of a latent. */
interface Pass {
  network: Network;
  tiles: Tile[];
  /** Of its input, and how many times larger that is than the job's latent. */
  height: number;
  width: number;
  scale: number;
}

/** @param latent is freed */
async function runPass(
  stage: Stage,
  job: Job,
  latent: Grid,
  { network, tiles, height, width, scale }: Pass,
  count: { done: number; total: number },
): Promise<Grid> {
  const { grids } = stage.device;
  let source = latent;
  if (network.before) {
    source = await runWhole(stage, network.before, latent, job, 'upscaler').finally(() => grids.free(latent));
  }
  const target = grids.zeros([
    network.channels,
    Math.round(height * network.scale),
    Math.round(width * network.scale),
  ]);
  const checks: Promise<void>[] = [];
  try {
    await runTiles(stage, {
      network,
      tiles,
      fill: ({ x, y }, input) => grids.cut(source, x.start, y.start, input, network.affineIn),
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, 'Preparing the upscaler'),
      onTile: (done) => {
        const at = count.done + done;
        job.progress('upscale', at, count.total, `Upscaling, tile ${at} of ${count.total}`);
      },
      take: (output, tile) => {
        const piece = pieceOf(tile, network.scale);
        if (!job.checksTiles) return grids.place(output, piece, target, network.affineOut);
        const stats = grids.add(output, piece, target, network.affineOut);
        // Checked at the end, because waiting here would delay the next tile.
        const check = stats.then((found) => checkTile(found, () => job.spreadUnder(tile, scale), 'upscaler'));
        check.catch(() => {});
        checks.push(check);
      },
    });
    await Promise.all(checks);
    return target;
  } catch (thrown) {
    grids.free(target);
    throw thrown;
  } finally {
    await Promise.allSettled(checks);
    grids.free(source);
  }
}

/** The latent where the device has its grids; scale 1, model space. */
async function openSource({ device }: Stage, { latent, options }: Job): Promise<Grid> {
  return options.openSource ? options.openSource(device) : device.grids.fromArray(latent.data, latent.dims);
}
