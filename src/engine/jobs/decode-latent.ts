import type { Grid, TileStats } from '../device/runtime';
import { putTile } from '../pictures/put-tile';
import { type LastPass, runSplit } from '../split/run-split';
import { SplitProgress } from '../split/split-progress';
import { placementOf, planTiles, type Tile } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { runWhole } from '../tiles/run-whole';
import { checkTile } from '../tiles/tile-health';
import type { Workbench } from '../workbench';
import type { Job } from './job';
import type { NetworkPlan } from './plan-network';

/** The last network of a decoder, and the grid that its tiles lie on. */
interface PictureRun extends LastPass {
  /** All runs, those before it included. */
  total: number;
  /** Positions of its grid per position of the latent. */
  unit: number;
  /** Lets go of what was made for it. */
  free: () => void;
}

/**
 * Decodes a latent into the job's picture, tile by tile; tiles that an earlier attempt finished are left out.
 *
 * @param grid model space, the upscaled latent
 * @returns how many tiles it took
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function decodeLatent(
  workbench: Workbench,
  job: Job,
  grid: Grid,
  plan: NetworkPlan,
): Promise<number> {
  const run = await prepareRun(workbench, job, grid, plan);
  const { network, unit } = run;
  const all = planTiles(run.height, run.width, run.rule);
  const tiles = all.filter((tile) => !job.decoded.has(inLatent(tile, unit)));
  const skipped = run.runs + all.length - tiles.length;
  const total = run.total || all.length;

  const place = async (output: Grid, tile: Tile): Promise<void> => {
    const { device } = workbench;
    const check = (stats: TileStats) =>
      checkTile(stats, () => job.spreadUnder(tile, job.latentScale * unit), 'decoder');
    const placement = placementOf(tile, network.scale);
    await putTile(device, job.decoderSink(device), output, placement, job.checksTiles ? check : undefined);
    job.decoded.mark(inLatent(tile, unit));
  };
  // One tile is read back while the next one is computed; more would only take memory.
  let reading: Promise<void> = Promise.resolve();
  try {
    await runTiles(workbench, {
      network,
      tiles,
      fill: run.fill,
      signal: job.options.signal,
      onPrepare: (done) => sayPreparing(job, done),
      onTile: (done) => sayDecoding(job, skipped + done, total),
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
    run.free();
    workbench.sessions.reservedBytes = 0;
  }
  return all.length;
}

/** Does all that has to be done before the first tile of the picture. */
async function prepareRun(
  workbench: Workbench,
  job: Job,
  grid: Grid,
  plan: NetworkPlan,
): Promise<PictureRun> {
  const { grids } = workbench.device;
  const { height, width } = job;
  const { decoder } = job.way;
  const fillFrom = (source: Grid) => {
    return ({ x, y }: Tile, input: Grid) => grids.cut(source, x.start, y.start, input, decoder.affineIn);
  };
  const { split, rule } = plan;
  if (split) {
    job.split = SplitProgress.goOn(job.split, workbench.precision);
    const total = split.runs;
    const last = await runSplit({
      workbench,
      network: decoder.split!,
      plan: split,
      progress: job.split,
      fill: fillFrom(grid),
      signal: job.options.signal,
      onPrepare: (done) => sayPreparing(job, done),
      onRun: (done) => sayDecoding(job, done, total),
    });
    return { ...last, total, unit: last.height / height, free: () => {} };
  }
  // What is wrong here shows in what the rest makes of it, which is looked at.
  const source = decoder.before
    ? await runWhole(workbench, decoder.before, grid, {
        signal: job.options.signal,
        onPrepare: (done) => sayPreparing(job, done),
      })
    : grid;
  const free = () => {
    if (source !== grid) grids.free(source);
  };
  const rest = { rule, height, width, runs: 0, total: 0, unit: 1, free };
  return { network: decoder, fill: fillFrom(source), ...rest };
}

/** The tile's kept part in positions of the latent. */
function inLatent({ x, y }: Tile, unit: number): Tile {
  const shrink = (axis: Tile['x']): Tile['x'] => ({ ...axis, from: axis.from / unit, to: axis.to / unit });
  return { x: shrink(x), y: shrink(y) };
}

function sayPreparing(job: Job, done: number): void {
  job.progress('prepare', done, 1, 'Preparing the decoder');
}

function sayDecoding(job: Job, done: number, total: number): void {
  job.progress('decode', done, total, `Decoding, tile ${done} of ${total}`);
}
