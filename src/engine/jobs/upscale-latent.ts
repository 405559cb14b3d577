import type { Grid } from '../device/runtime';
import type { Network } from '../network';
import { padGrid } from '../split/pad-grid';
import { type LastPass, runSplit } from '../split/run-split';
import { SplitProgress } from '../split/split-progress';
import type { SplitRun } from '../split/split-run';
import { placementOf, planTiles, type Tile } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { runWhole } from '../tiles/run-whole';
import { checkTile } from '../tiles/tile-health';
import type { Workbench } from '../workbench';
import type { Job } from './job';
import type { NetworkPlan } from './plan-network';

/**
 * The job's latent, enlarged, in model space, left where the device keeps its grids.
 *
 * @param plans one for each upscaler of the way
 * @returns the grid, and how many tiles it took
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function upscaleLatent(
  workbench: Workbench,
  job: Job,
  plans: NetworkPlan[],
): Promise<{ grid: Grid; tiles: number }> {
  const { grids } = workbench.device;
  const { latent, way } = job;
  if (job.upscaled) {
    return { grid: grids.fromArray(job.upscaled, [latent.dims[0], job.height, job.width]), tiles: 0 };
  }
  let grid = await openSource(workbench, job);
  const passes: Pass[] = [];
  let scale = 1;
  for (const [index, network] of way.upscalers.entries()) {
    const [height, width] = [latent.dims[1], latent.dims[2]].map((side) => Math.round(side * scale)) as [
      number,
      number,
    ];
    passes.push({ index, network, plan: plans[index]!, height, width, scale });
    scale *= network.scale;
  }
  const total = passes.reduce((sum, pass) => sum + countRuns(pass), 0);
  let runs = 0;
  let tiles = 0;
  for (const pass of passes) {
    const before = runs;
    const onRun = (done: number) => {
      const at = before + done;
      job.progress('upscale', at, total, `Upscaling, tile ${at} of ${total}`);
    };
    const result = await runPass(workbench, job, grid, pass, onRun);
    grid = result.grid;
    tiles += result.tiles;
    runs += countRuns(pass);
  }
  return { grid, tiles };
}

/** One run of an upscaler over all of a latent. */
interface Pass {
  index: number;
  network: Network;
  plan: NetworkPlan;
  /** Size of its input, and how many times larger that is than the job's latent. */
  height: number;
  width: number;
  scale: number;
}

function countRuns({ plan: { split, rule }, height, width }: Pass): number {
  return split?.runs ?? planTiles(height, width, rule).length;
}

/** @param latent is freed @param onRun told how many runs of the pass are done */
async function runPass(
  workbench: Workbench,
  job: Job,
  latent: Grid,
  pass: Pass,
  onRun: (done: number) => void,
): Promise<{ grid: Grid; tiles: number }> {
  const { grids } = workbench.device;
  const { network, plan, height, width } = pass;
  let source = latent;
  if (network.before) {
    // What is wrong here shows in what the rest makes of it, which is looked at.
    const running = runWhole(workbench, network.before, latent, {
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, 'Preparing the upscaler'),
    });
    source = await running.finally(() => grids.free(latent));
  }
  const first = plan.split?.segments[0];
  if (first?.from === 0 && (first.height !== height || first.width !== width)) {
    const padding = padGrid(grids, source, first.height, first.width);
    const unpadded = source;
    source = await padding.finally(() => grids.free(unpadded));
  }
  const fill = ({ x, y }: Tile, input: Grid) => grids.cut(source, x.start, y.start, input, network.affineIn);
  try {
    const last = plan.split
      ? await runInPieces(workbench, job, pass, { plan: plan.split, fill, onRun })
      : { network, rule: plan.rule, height, width, fill, runs: 0 };
    const result = await runLast(workbench, job, pass, last, onRun);
    job.upscaling[pass.index] = undefined;
    return result;
  } finally {
    grids.free(source);
    workbench.sessions.reservedBytes = 0;
  }
}

function runInPieces(
  workbench: Workbench,
  job: Job,
  { network, index }: Pass,
  run: Pick<SplitRun, 'plan' | 'fill' | 'onRun'>,
): Promise<LastPass> {
  const progress = SplitProgress.goOn(job.upscaling[index], workbench.precision);
  job.upscaling[index] = progress;
  return runSplit({
    ...run,
    workbench,
    network: network.split!,
    progress,
    signal: job.options.signal,
    onPrepare: (done) => sayPreparing(job, done),
  });
}

/** The runs that give the enlarged latent: of the network itself, or of the last of its pieces. */
async function runLast(
  workbench: Workbench,
  job: Job,
  { network: { channels, scale, affineOut }, height, width, scale: before }: Pass,
  last: LastPass,
  onRun: (done: number) => void,
): Promise<{ grid: Grid; tiles: number }> {
  const { grids } = workbench.device;
  const tiles = planTiles(last.height, last.width, last.rule);
  const target = grids.zeros([channels, Math.round(height * scale), Math.round(width * scale)]);
  const checks: Promise<void>[] = [];
  try {
    await runTiles(workbench, {
      network: last.network,
      tiles,
      fill: last.fill,
      signal: job.options.signal,
      onPrepare: (done) => sayPreparing(job, done),
      onTile: (done) => onRun(last.runs + done),
      take: (output, tile) => {
        const placement = placementOf(tile, last.network.scale);
        if (!job.checksTiles) return grids.place(output, placement, target, affineOut);
        const stats = grids.add(output, placement, target, affineOut);
        // Checked at the end, because waiting here would delay the next tile.
        const spread = () => job.spreadUnder(tile, (before * last.height) / height);
        const check = stats.then((found) => checkTile(found, spread, 'upscaler'));
        check.catch(() => {});
        checks.push(check);
      },
    });
    await Promise.all(checks);
    return { grid: target, tiles: tiles.length };
  } catch (thrown) {
    grids.free(target);
    throw thrown;
  } finally {
    await Promise.allSettled(checks);
  }
}

function sayPreparing(job: Job, done: number): void {
  job.progress('prepare', done, 1, 'Preparing the upscaler');
}

/** The latent where the device has its grids; scale 1, model space. */
async function openSource({ device }: Workbench, { latent, options }: Job): Promise<Grid> {
  return options.openSource ? options.openSource(device) : device.grids.fromArray(latent.data, latent.dims);
}
