import { type Grid, type Grids, IDENTITY } from '../device/runtime';
import { type LastPass, runSplit } from '../split/run-split';
import { SplitProgress } from '../split/split-progress';
import { chooseRule } from '../tiles/choose-rule';
import { FLAT_PIXELS, spreadOf, tileValues } from '../tiles/picture-tile';
import { placementOf, planTiles, type Tile } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { runWhole } from '../tiles/run-whole';
import { checkTile } from '../tiles/tile-health';
import type { Workbench } from '../workbench';
import type { EncodeJob } from './encode-job';
import { planSplitIfNeeded, refuseOversizedRun, refuseOversizedTensors } from './plan-network';

/**
 * Positions of the latent by which the picture is continued on every side, by reflection, before it is encoded. Beyond
 * its edge an encoder sees zeros, which left a frame of up to 42/255 around a flat picture; with this it is at most
 * 11/255, of which 10 are the decoder's own and everywhere.
 */
const MARGIN = 4;

/**
 * A picture as a latent in the space of the encoder, [C, h, w] with h and w its size divided by 8, rounded up; the
 * rest is filled by reflection.
 *
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`
 */
export async function encodePicture(workbench: Workbench, job: EncodeJob): Promise<Float32Array> {
  const { picture, network, options } = job;
  const { device } = workbench;
  const { grids } = device;
  const stride = Math.round(1 / network.scale);
  // A full encoder's statistics are of the whole picture: what is added to it would change them.
  const margin = network.split ? 0 : MARGIN;
  const [height, width] = [picture.height, picture.width].map(
    (size) => Math.ceil(size / stride) + 2 * margin,
  ) as [number, number];
  const run = await prepareRun(workbench, job, height * stride, width * stride, margin * stride);
  const tiles = planTiles(run.height, run.width, run.rule);
  const total = run.total || tiles.length + (network.after ? 1 : 0);
  const grid = grids.zeros([network.channels, height, width]);
  const made = new Set([grid]);
  const checks: Promise<void>[] = [];
  let widestSpread = 0;
  try {
    await runTiles(workbench, {
      network: run.network,
      tiles,
      signal: options.signal,
      onPrepare: (done) => sayPreparing(job, done),
      onTile: (done) => sayEncoding(job, run.runs + done, total),
      fill: run.fill,
      take: (output, tile) => {
        const visible = visibleSpread(run.spread.value);
        widestSpread = Math.max(widestSpread, visible);
        const stats = grids.add(output, placementOf(tile, run.network.scale), grid, network.affineOut);
        const check = stats.then((found) => checkTile(found, () => visible, 'encoder'));
        check.catch(() => {});
        checks.push(check);
      },
    });
    await Promise.all(checks);
    let latent = margin > 0 ? cutMargin(grids, grid, margin) : grid;
    made.add(latent);
    if (network.after) {
      latent = await runWhole(workbench, network.after, latent, {
        signal: options.signal,
        onPrepare: (done) => sayPreparing(job, done),
        onRun: (done) => sayEncoding(job, tiles.length + done, total),
      });
      made.add(latent);
      checkTile(await grids.measure(latent), () => widestSpread, 'encoder');
    }
    const values = await grids.toArray(latent);
    device.checkHealth();
    return values;
  } finally {
    await Promise.allSettled(checks);
    for (const each of made) grids.free(each);
    workbench.sessions.reservedBytes = 0;
  }
}

/** Largest minus least value, or 0 where it is that of one colour. */
function visibleSpread(spread: number): number {
  return spread > FLAT_PIXELS ? spread : 0;
}

/** A copy without `margin` positions on every side. A last part that sees everything sees the picture, and no more. */
function cutMargin(grids: Grids, source: Grid, margin: number): Grid {
  const [channels, height, width] = source.dims;
  const inner = grids.zeros([channels, height - 2 * margin, width - 2 * margin]);
  grids.cut(source, margin, margin, inner, IDENTITY);
  return inner;
}

/** The last network of an encoder, and the grid that its tiles lie on. */
interface LatentRun extends LastPass {
  /** All runs, those before it included; 0 when there are none before it. */
  total: number;
  /** Largest minus least value of the picture under the current tile; 0 where its tiles are not the picture's. */
  spread: { value: number };
}

/**
 * @param height of the picture with its margin, as `width`
 * @param margin in pixels
 * @throws LeapError `out-of-memory` for what cannot be tiled
 */
async function prepareRun(
  workbench: Workbench,
  job: EncodeJob,
  height: number,
  width: number,
  margin: number,
): Promise<LatentRun> {
  const { picture, network, options } = job;
  const { grids } = workbench.device;
  const stride = Math.round(1 / network.scale);
  const gridBytes = Float32Array.BYTES_PER_ELEMENT * network.channels * (height / stride) * (width / stride);
  const limits = {
    tensorBytes: workbench.limits.tensorBytes,
    runBytes: workbench.limits.budgetBytes - picture.rgba.byteLength - gridBytes,
    edge: job.tileLimit,
  };
  const spread = { value: 0 };
  const fill = (tile: Tile, input: Grid) => {
    const values = tileValues(picture, tile, margin);
    spread.value = spreadOf(values);
    const pixels = grids.fromArray(values, input.dims);
    grids.cut(pixels, 0, 0, input, IDENTITY);
    grids.free(pixels);
  };
  const plan = planSplitIfNeeded(workbench, network, limits, { height, width, progress: job.split });
  if (!plan) {
    refuseOversizedTensors(network, workbench, height, width);
    if (network.after) {
      // What comes after the tiles is refused before them.
      const channels = network.channels + network.after.channels;
      const ends = { channels, height: height / stride, width: width / stride };
      refuseOversizedRun(network.after, workbench, limits.runBytes, ends);
    }
    const rule = chooseRule(network, workbench.costs, limits, height, width);
    return { network, rule, height, width, fill, runs: 0, total: 0, spread };
  }
  job.split = SplitProgress.goOn(job.split, workbench.precision);
  const last = await runSplit({
    workbench,
    network: network.split!,
    plan,
    progress: job.split,
    fill,
    signal: options.signal,
    onPrepare: (done) => sayPreparing(job, done),
    onRun: (done) => sayEncoding(job, done, plan.runs),
  });
  return { ...last, total: plan.runs, spread: { value: 0 } };
}

function sayPreparing({ options }: EncodeJob, done: number): void {
  options.onProgress?.({ phase: 'prepare', done, total: 1, message: 'Preparing the encoder' });
}

function sayEncoding({ options }: EncodeJob, done: number, total: number): void {
  options.onProgress?.({ phase: 'encode', done, total, message: `Encoding, tile ${done} of ${total}` });
}
