import { attentionOf, type Piece } from '../../graph';
import { type Grid, type Grids, IDENTITY } from '../device/runtime';
import type { Network } from '../network';
import { placementOf, planTiles, type Tile, type TilingRule } from '../tiles/plan-tiles';
import { runTiles } from '../tiles/run-tiles';
import { attend } from './attend';
import { FeatureStore } from './feature-store';
import type { PlannedSegment } from './plan-split';
import { PooledMoments } from './pooled-moments';
import type { SplitRun } from './split-run';
import { storedPrecision } from './stored-points';

/** What remains when all statistics are known: the pass that gives the result. */
export interface LastPass {
  network: Network;
  rule: TilingRule;
  /** Size of the grid that its tiles lie on. */
  height: number;
  width: number;
  fill: SplitRun['fill'];
  /** Runs that were done before it. */
  runs: number;
}

/**
 * Runs a split network up to its last pass, segment by segment. The statistics of every normalisation are gathered
 * over all tiles before anything behind it is computed, so tiles give what the whole gives.
 *
 * @throws LeapError `cancelled`, `bad-output`, `device-lost`, `out-of-memory`; finished work stays in the progress
 */
export async function runSplit(run: SplitRun): Promise<LastPass> {
  try {
    return await runSegments(run);
  } catch (thrown) {
    run.workbench.sessions.reservedBytes = 0;
    throw thrown;
  }
}

async function runSegments(run: SplitRun): Promise<LastPass> {
  const { network, plan, progress } = run;
  const counter = { done: 0 };
  for (const segment of plan.segments) {
    run.workbench.sessions.reservedBytes = segment.storedBytes;
    if (segment.attention && !progress.attended) await attend(run, segment.from, segment.attention, counter);
    for (const [i, piece] of segment.passes.entries()) {
      const pass = preparePass(run, segment, piece, segment.rules[i]!);
      if (piece.norm !== undefined) {
        const name = network.steps.steps[piece.to - 1]!.norms[piece.norm]!;
        if (!progress.statistics.has(name)) progress.statistics.set(name, await gather(run, pass, counter));
      } else if (segment.to === network.steps.steps.length) {
        return { ...pass, runs: counter.done };
      } else {
        await keep(run, pass, segment.to, counter);
      }
    }
  }
  throw new RangeError('The plan has no last pass.');
}

type Pass = Omit<LastPass, 'runs'>;

function preparePass(run: SplitRun, segment: PlannedSegment, piece: Piece, rule: TilingRule): Pass {
  const { progress, workbench, network, fill } = run;
  const { features } = progress;
  const { height, width } = segment;
  const statistics = { id: progress.id, values: progress.statistics };
  return {
    network: network.piece(piece, statistics),
    rule,
    height,
    width,
    fill: features && segment.from > 0 ? fillFrom(workbench.device.grids, features) : fill,
  };
}

function fillFrom(grids: Grids, features: FeatureStore): SplitRun['fill'] {
  return ({ x, y }, input) => {
    const tile = grids.fromArray(features.cut(x.start, y.start, x.size, y.size), input.dims);
    grids.cut(tile, 0, 0, input, IDENTITY);
    grids.free(tile);
  };
}

/** The statistics of what the pass gives. */
async function gather(run: SplitRun, pass: Pass, counter: { done: number }) {
  const pooled = new PooledMoments();
  const checks: Promise<void>[] = [];
  try {
    await overTiles(run, pass, counter, (output, tile) => {
      const { rect } = placementOf(tile, pass.network.scale);
      // Waiting here would delay the next tile.
      const check = run.workbench.device.grids.moments(output, rect).then((found) => pooled.add(found));
      check.catch(() => {});
      checks.push(check);
    });
    await Promise.all(checks);
  } finally {
    await Promise.allSettled(checks);
  }
  run.workbench.device.checkHealth();
  return pooled.ofGroups(run.network.steps.norm.groups);
}

/** Keeps the output of the pass as the features of a point, with the statistics that the next step needs. */
async function keep(run: SplitRun, pass: Pass, point: number, counter: { done: number }): Promise<void> {
  const { grids } = run.workbench.device;
  const { scale, channels } = pass.network;
  const features = FeatureStore.empty(
    [channels, Math.round(pass.height * scale), Math.round(pass.width * scale)],
    storedPrecision(run.network.steps, run.progress.precision),
  );
  const pooled = new PooledMoments();
  await overTiles(run, pass, counter, async (output, tile) => {
    const placement = placementOf(tile, scale);
    const [values, moments] = await Promise.all([
      grids.toArray(output),
      grids.moments(output, placement.rect),
    ]);
    features.put(values, output.dims, placement);
    pooled.add(moments);
  });
  // What could not be read back is blank, and would stay so in the next attempt.
  run.workbench.device.checkHealth();
  const { steps } = run.network;
  const { before, norms } = steps.steps[point]!;
  const norm = attentionOf(steps, point)?.norm ?? (before.kind === 'nothing' ? norms[0] : undefined);
  if (norm) run.progress.statistics.set(norm, pooled.ofGroups(steps.norm.groups));
  Object.assign(run.progress, { point, features, attended: false });
}

async function overTiles(
  run: SplitRun,
  { network, rule, height, width, fill }: Pass,
  counter: { done: number },
  take: (output: Grid, tile: Tile) => void | Promise<void>,
): Promise<void> {
  const tiles = planTiles(height, width, rule);
  const before = counter.done;
  counter.done += tiles.length;
  await runTiles(run.workbench, {
    network,
    tiles,
    signal: run.signal,
    onPrepare: run.onPrepare,
    onTile: (done) => {
      if (done < tiles.length) run.onRun(before + done);
    },
    fill,
    take,
  });
}
