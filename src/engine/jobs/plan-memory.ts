import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { countWork } from '../../graph';
import type { Network } from '../network';
import { lastRule, planSplit, type SplitPlan } from '../split/plan-split';
import type { SplitProgress } from '../split/split-progress';
import type { Stage } from '../stage';
import { chooseRule, RUNTIME_OVERHEAD, type TileLimits } from '../tiles/choose-rule';
import type { GraphCosts } from '../tiles/graph-costs';
import { type TilingRule, wholeRule } from '../tiles/plan-tiles';
import type { MemoryReport, StagesReport } from '../types';
import type { Job } from './job';

export interface MemoryPlan {
  /** One for each upscaler of the way. */
  upscale: NetworkPlan[];
  decode: NetworkPlan;
  /** Where the decoded picture is enlarged. */
  enlarge: TilingRule | undefined;
  report: MemoryReport;
}

/** What bounds a run. */
interface RunLimits extends TileLimits {
  /** Multiply-adds of one run over everything. */
  work?: number;
}

/** How one network is run. */
export interface NetworkPlan {
  /** Its tiles; in stages, those of the last pass. */
  rule: TilingRule;
  /** The tiles of its first part, if it has one: several where it does not fit in one piece and can be tiled. */
  before: TilingRule | undefined;
  /** For a network that sees everything at once and does not fit in one piece. */
  stages: SplitPlan | undefined;
  /** The most that it takes at once, with the features that it keeps. */
  bytes: number;
}

/** Larger tiles gain nothing, and progress and cancelling wait for the tile's end. In latent positions. */
const LARGEST_TILE = { webgpu: 512, cpu: 256, wasm: 128 };
/** Of pictures, in pixels. */
const LARGEST_PIXEL_TILE = 512;
/** Multiply-adds of one run of an upscaler that could be run in stages, which can be followed and cancelled. */
const LONGEST_RUN = { webgpu: 4e12, cpu: 4e12, wasm: 1e12 };
const FLOAT_BYTES = 4;
const RGBA_BYTES = 4;

/** Fixes the tiles before the first run, so that no tensor and no moment takes more than it may. */
export function planMemory(stage: Stage, job: Job): MemoryPlan {
  const { device, costs, limits } = stage;
  const { latent, height, width } = job;
  const { upscalers, decoder, enlarger } = job.way;
  const sources = sizesBefore(upscalers, latent);
  const kept = keptBytes(job, 1);
  const limitsAt = (edge: number) => ({
    tensorBytes: limits.tensorBytes,
    runBytes: limits.budgetBytes - kept,
    edge: Math.min(edge, LARGEST_TILE[device.backend]),
  });
  const upscale = upscalers.map((upscaler, i) => {
    const edge = (job.tileLimit * sources[i]!.scale) / job.latentScale;
    const limits = { ...limitsAt(edge), work: LONGEST_RUN[device.backend] };
    return planNetwork(stage, upscaler, limits, { ...sources[i]!, progress: job.upscaling[i] });
  });
  const decode = planNetwork(stage, decoder, limitsAt(job.tileLimit), { height, width, progress: job.split });
  const phases = [...upscale, decode].map(({ bytes }) => bytes);
  const enlarge = enlarger && planEnlargement(stage, job, enlarger, limitsAt(Number.POSITIVE_INFINITY));
  if (enlarger && enlarge) {
    phases.push(runBytes(costs, enlarger, enlarge.tile, job.small!.height, job.small!.width));
  }
  const last = upscale.at(-1);
  const plannedBytes = Math.round(kept + Math.max(...phases));
  refuseBeyondBudget(job, limits.budgetBytes, plannedBytes);
  const report = {
    budgetBytes: limits.budgetBytes,
    plannedBytes,
    tensorLimitBytes: limits.tensorBytes,
    tile: { upscale: last?.rule.tile ?? 0, decode: decode.rule.tile, enlarge: enlarge?.tile ?? 0 },
    halo: { upscale: last?.rule.halo ?? 0, decode: decode.rule.halo, enlarge: enlarge?.halo ?? 0 },
    ...defined({
      stages: decode.stages && describeStages(decode.stages),
      upscaleStages: last?.stages && describeStages(last.stages),
    }),
  };
  return { upscale, decode, enlarge, report };
}

/**
 * What is in memory from the beginning to the end: the picture as bytes, the latent as the device's grid and as the
 * caller's copy, features between two networks, and the weights.
 * @param share 1, or the sides of a smaller latent of the same aspect, as a share of this one's
 */
function keptBytes({ latent, height, width, pixels, options, small, way }: Job, share: number): number {
  const { upscalers, decoder, enlarger } = way;
  const area = share ** 2;
  const pictureSides = [pixels.width * share, pixels.height * share] as const;
  const picture = options.pictureBytes?.(...pictureSides) ?? pictureSides[0] * pictureSides[1] * RGBA_BYTES;
  const sources = sizesBefore(upscalers, latent);
  const between = Math.max(
    (decoder.before?.channels ?? 0) * height * width,
    ...upscalers.map(({ before }, i) => (before?.channels ?? 0) * sources[i]!.height * sources[i]!.width),
  );
  const upscaled = latent.dims[0] * height * width;
  const grids =
    FLOAT_BYTES * (between + 2 * upscaled) + latent.data.byteLength + (small?.rgba.byteLength ?? 0);
  return (
    picture + area * grids + weightsBytes(new Set([...upscalers, decoder, ...(enlarger ? [enlarger] : [])]))
  );
}

/** Halvings until the sides that would fit are known to a thousandth. */
const SHARE_STEPS = 10;

/**
 * Even the smallest useful tiles would take more than may be taken: to begin would be to fail after minutes, or to
 * take thousands of tiles.
 *
 * @throws LeapError `out-of-memory` with what would fit
 */
function refuseBeyondBudget(job: Job, budget: number, planned: number): void {
  if (planned <= budget) return;
  const { pixels, latent } = job;
  // What is kept grows with the picture, what a run on the smallest tiles takes does not.
  const left = budget - (planned - keptBytes(job, 1));
  let [fits, tooMuch] = [0, 1];
  for (let step = 0; step < SHARE_STEPS; step++) {
    const share = (fits + tooMuch) / 2;
    if (keptBytes(job, share) <= left) fits = share;
    else tooMuch = share;
  }
  const [height = 0, width = 0] = latent.dims.slice(1).map((side) => Math.floor(side * fits));
  const advice =
    Math.min(height, width) > 0
      ? `At this scale a latent of about ${width} x ${height} would fit, or this one at a smaller scale.`
      : 'No latent fits into that.';
  throw new LeapError(
    'out-of-memory',
    `A picture of ${pixels.width} x ${pixels.height} takes ${mebibytes(planned)} MiB on the way; ` +
      `${mebibytes(budget)} MiB may be taken. ${advice}`,
    { indivisible: true, bytes: planned, limit: budget },
  );
}

/** What each upscaler takes: its sides, and how many times larger that is than the latent. */
function sizesBefore(
  upscalers: Network[],
  { dims }: Job['latent'],
): { height: number; width: number; scale: number }[] {
  let scale = 1;
  return upscalers.map((upscaler) => {
    const size = { height: Math.round(dims[1] * scale), width: Math.round(dims[2] * scale), scale };
    scale *= upscaler.scale;
    return size;
  });
}

function planEnlargement(
  { costs }: Stage,
  { small, tileLimit, way }: Job,
  enlarger: Network,
  limits: TileLimits,
): TilingRule {
  if (enlarger.edge !== undefined) return { ...enlarger.overlap!, tile: enlarger.edge };
  const edge = Math.min(LARGEST_PIXEL_TILE, tileLimit * way.decoder.scale);
  return chooseRule(enlarger, costs, { ...limits, edge }, small!.height, small!.width);
}

/** @throws LeapError `out-of-memory` for what sees everything at once and does not fit */
function planNetwork(
  stage: Stage,
  network: Network,
  limits: RunLimits,
  input: { height: number; width: number; progress: SplitProgress | undefined },
): NetworkPlan {
  const { costs } = stage;
  const { height, width } = input;
  const stages = planSplitIfNeeded(stage, network, limits, input);
  if (stages) {
    const bytes = stages.storedBytes + stages.runBytes;
    return { rule: lastRule(stages), before: undefined, stages, bytes };
  }
  const { before } = network;
  refuseUnlessItFits(before ?? network, stage, height, width);
  const rule = chooseRule(network, costs, limits, height, width);
  const first = before && chooseFirstRule(before, costs, limits, height, width);
  const firstBytes = before && first ? runBytes(costs, before, first.tile, height, width) : 0;
  const bytes = Math.max(runBytes(costs, network, rule.tile, height, width), firstBytes);
  return { rule, before: first, stages: undefined, bytes };
}

/** One piece where that fits, whatever tiles are asked for: the tiles of a first part are not exact. */
function chooseFirstRule(
  network: Network,
  costs: GraphCosts,
  limits: TileLimits,
  height: number,
  width: number,
): TilingRule {
  const { largestTensorBytes, peakBytes } = costs.of(network, height, width);
  const fits = largestTensorBytes <= limits.tensorBytes && peakBytes * RUNTIME_OVERHEAD <= limits.runBytes;
  if (fits || !network.overlap) return wholeRule(height, width);
  return chooseRule(network, costs, { ...limits, edge: Number.POSITIVE_INFINITY }, height, width);
}

/**
 * The plan for a network that sees everything at once, where one run over everything would be too large.
 *
 * @param input its `height` and `width`; `progress` of an earlier attempt is gone on from, if it is of
 *   this precision
 * @throws LeapError `out-of-memory` when not even the features that must be kept fit
 */
export function planSplitIfNeeded(
  stage: Stage,
  network: Network,
  limits: RunLimits,
  input: { height: number; width: number; progress: SplitProgress | undefined },
): SplitPlan | undefined {
  const { height, width, progress } = input;
  if (!network.split) return undefined;
  const start = progress?.precision === stage.precision ? progress.point : 0;
  const { steps } = network.split;
  const isShort = limits.work === undefined || countWork(steps, height, width) <= limits.work;
  if (start === 0 && isShort && Math.max(height, width) <= limits.edge) {
    const { largestTensorBytes, peakBytes } = stage.costs.of(network, height, width);
    const fits = peakBytes * RUNTIME_OVERHEAD <= limits.runBytes;
    if (fits && largestTensorBytes <= limits.tensorBytes) return undefined;
  }
  const plan = planSplit(stage, network.split, { height, width, limits, start });
  if (plan.storedBytes <= limits.runBytes) return plan;
  throw new LeapError(
    'out-of-memory',
    `${network.key} has to keep ${mebibytes(plan.storedBytes)} MiB of features at this size; ` +
      `${mebibytes(Math.max(0, limits.runBytes))} MiB are left of the memory that may be taken.`,
    { indivisible: true, bytes: plan.storedBytes, limit: limits.runBytes },
  );
}

function describeStages({ segments, runs, storedBytes }: SplitPlan): StagesReport {
  const pieces = segments.map(({ from, to, passes }) => ({ from, to, passes: passes.length }));
  return { pieces, runs, storedBytes };
}

/**
 * What cannot be tiled either fits or is not tried: a GPU that is asked for too much may take the tab down.
 * @throws LeapError `out-of-memory`
 */
export function refuseUnlessItFits(
  network: Network,
  { precision, limits }: Stage,
  height: number,
  width: number,
): void {
  if (network.overlap) return;
  const { largestTensorBytes } = network.build(height, width, precision);
  if (largestTensorBytes <= limits.tensorBytes) return;
  throw new LeapError(
    'out-of-memory',
    `${network.key} works on everything at once and needs ${mebibytes(largestTensorBytes)} MiB in one piece; ` +
      `this backend allows ${mebibytes(limits.tensorBytes)} MiB.`,
    { indivisible: true, bytes: largestTensorBytes, limit: limits.tensorBytes },
  );
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** Bytes that a run on one tile takes, weights not counted. */
function runBytes(costs: GraphCosts, network: Network, tile: number, height: number, width: number): number {
  return costs.of(network, Math.min(tile, height), Math.min(tile, width)).peakBytes * RUNTIME_OVERHEAD;
}

/** Once in the files' own bytes, once in the runtime. */
function weightsBytes(networks: Iterable<Network>): number {
  let bytes = 0;
  for (const { weights } of networks) {
    for (const file of weights.values()) bytes += 2 * file.byteLength;
  }
  return bytes;
}
