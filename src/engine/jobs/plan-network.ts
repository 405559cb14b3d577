import { LeapError } from '../../errors';
import { countWork } from '../../graph';
import type { Network } from '../network';
import { lastRule, planSplit, type SplitPlan } from '../split/plan-split';
import type { SplitProgress } from '../split/split-progress';
import { chooseRule, type TileLimits, takenBytes } from '../tiles/choose-rule';
import type { GraphCost, GraphCosts } from '../tiles/graph-costs';
import type { TilingRule } from '../tiles/plan-tiles';
import type { Workbench } from '../workbench';

/** What bounds a run. */
export interface RunLimits extends TileLimits {
  /** Multiply-adds of one run over everything. */
  work?: number;
}

/** How one network is run. */
export interface NetworkPlan {
  /** Its tiles; in pieces, those of the last pass. */
  rule: TilingRule;
  /** For a network that sees everything at once and does not fit in one piece. */
  split: SplitPlan | undefined;
  /** The most that it takes at once, with the features that it keeps. */
  bytes: number;
}

/** @throws LeapError `out-of-memory` for what sees everything at once and does not fit */
export function planNetwork(
  workbench: Workbench,
  network: Network,
  limits: RunLimits,
  input: { height: number; width: number; progress: SplitProgress | undefined },
): NetworkPlan {
  const { costs } = workbench;
  const { height, width } = input;
  const split = planSplitIfNeeded(workbench, network, limits, input);
  if (split) {
    const bytes = split.storedBytes + split.runBytes;
    return { rule: lastRule(split), split, bytes };
  }
  const { before } = network;
  refuseOversizedTensors(before ?? network, workbench, height, width);
  const rule = chooseRule(network, costs, limits, height, width);
  const firstBytes = before ? runBytes(costs, before, Math.max(height, width), height, width) : 0;
  const bytes = Math.max(runBytes(costs, network, rule.tile, height, width), firstBytes);
  return { rule, split: undefined, bytes };
}

/**
 * The plan for a network that sees everything at once, where one run over everything would be too large.
 *
 * @param input its `height` and `width`; `progress` of an earlier attempt is gone on from, if it is of
 *   this precision
 * @throws LeapError `out-of-memory` when not even the features that must be kept fit
 */
export function planSplitIfNeeded(
  workbench: Workbench,
  network: Network,
  limits: RunLimits,
  input: { height: number; width: number; progress: SplitProgress | undefined },
): SplitPlan | undefined {
  const { height, width, progress } = input;
  if (!network.split) return undefined;
  const start = progress?.precision === workbench.precision ? progress.point : 0;
  const { steps } = network.split;
  const isShort = limits.work === undefined || countWork(steps, height, width) <= limits.work;
  if (start === 0 && isShort && Math.max(height, width) <= limits.edge) {
    if (fits(workbench.costs.of(network, height, width), limits)) return undefined;
  }
  const plan = planSplit(workbench, network.split, { height, width, limits, start });
  if (plan.storedBytes <= limits.runBytes) return plan;
  throw new LeapError(
    'out-of-memory',
    `${network.key} has to keep ${mebibytes(plan.storedBytes)} MiB of features at this size; ` +
      `${mebibytes(Math.max(0, limits.runBytes))} MiB are left of the memory that may be taken.`,
    { indivisible: true, bytes: plan.storedBytes, limit: limits.runBytes },
  );
}

function fits(cost: GraphCost, { tensorBytes, runBytes }: TileLimits): boolean {
  return cost.largestTensorBytes <= tensorBytes && takenBytes(cost) <= runBytes;
}

/**
 * What cannot be tiled either fits or is not tried: a GPU that is asked for too much may take the tab down.
 * @throws LeapError `out-of-memory`
 */
export function refuseOversizedTensors(
  network: Network,
  { costs, limits }: Workbench,
  height: number,
  width: number,
): void {
  if (network.overlap) return;
  const { largestTensorBytes } = costs.of(network, height, width);
  if (largestTensorBytes <= limits.tensorBytes) return;
  throw new LeapError(
    'out-of-memory',
    `${network.key} works on everything at once and needs ${mebibytes(largestTensorBytes)} MiB in one piece; ` +
      `this backend allows ${mebibytes(limits.tensorBytes)} MiB.`,
    { indivisible: true, bytes: largestTensorBytes, limit: limits.tensorBytes },
  );
}

/**
 * Refuses a run over a whole grid whose tensors, or whose run with its input and output, take more than may be taken.
 *
 * @param channels of input and output together
 * @param left bytes of memory that may still be taken
 * @throws LeapError `out-of-memory`
 */
export function refuseOversizedRun(
  network: Network,
  workbench: Workbench,
  left: number,
  { channels, height, width }: { channels: number; height: number; width: number },
): void {
  refuseOversizedTensors(network, workbench, height, width);
  const ends = channels * height * width * Float32Array.BYTES_PER_ELEMENT;
  const bytes = takenBytes(workbench.costs.of(network, height, width)) + ends;
  if (bytes <= left) return;
  throw new LeapError(
    'out-of-memory',
    `${network.key} works on everything at once and takes ${mebibytes(bytes)} MiB at this size; ` +
      `${mebibytes(Math.max(0, left))} MiB are left of the memory that may be taken.`,
    { indivisible: true, bytes, limit: left },
  );
}

/** Bytes that a run on one tile takes, weights not counted. */
export function runBytes(
  costs: GraphCosts,
  network: Network,
  tile: number,
  height: number,
  width: number,
): number {
  return takenBytes(costs.of(network, Math.min(tile, height), Math.min(tile, width)));
}

export const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
