import { attentionOf, describePiece, scaleAt, sizeAt } from '../../graph';
import type { SplitNetwork } from '../network';
import { chooseRule, type TileLimits, takenBytes } from '../tiles/choose-rule';
import { planTiles, type TilingRule } from '../tiles/plan-tiles';
import type { Workbench } from '../workbench';
import { chooseSegments, type Segment } from './stored-points';

export interface PlannedSegment extends Segment {
  /** The tiles of each pass, in positions of the point where the segment begins. */
  rules: TilingRule[];
  /** Height and width there. */
  height: number;
  width: number;
  /** If it begins with an attention: how many positions look, and how many are looked at, at a time. */
  attention: { queries: number; keys: number } | undefined;
}

/** How a split network is run over a whole picture or latent: see docs/engine.md. */
export interface SplitPlan {
  segments: PlannedSegment[];
  /** Runs of all passes together. */
  runs: number;
  /** The most that the features kept between segments take, in the machine's memory. */
  storedBytes: number;
  /** The most that a run takes on the device. */
  runBytes: number;
}

/** Positions that attention looks from, and looks at, in one run. Their scores take 64 MiB. */
const ATTENTION_EDGE = 4096;
/** Smaller parts save no memory that matters, and the number of runs grows with the square of how many there are. */
const SMALL_ATTENTION = 1024;
/** Even where a person asks for small tiles. */
const LEAST_ATTENTION = 64;
/** The share of the budget that features may take at least. They may also take all that useful tiles do not need. */
const STORED_SHARE = 0.5;
const ROOM_FOR_RUNS = 768 * 2 ** 20;

/**
 * @param options `height` and `width` of the network's input; `limits.edge` in its positions; `start` is the point
 *   whose features are there already, 0 at first
 */
export function planSplit(
  workbench: Workbench,
  network: SplitNetwork,
  options: { height: number; width: number; limits: TileLimits; start: number },
): SplitPlan {
  const { limits, start } = options;
  const bytes = Math.max(limits.runBytes * STORED_SHARE, limits.runBytes - ROOM_FOR_RUNS);
  const { precision } = workbench;
  const segments = chooseSegments(network.steps, { ...options, start, bytes, precision }).map((segment) =>
    planSegment(workbench, network, segment, options),
  );
  const storedBytes = Math.round(Math.max(...segments.map((segment) => segment.storedBytes)));
  const runs = segments.reduce((sum, segment) => sum + countRuns(segment), 0);
  const peaks = segments.flatMap((segment) => peaksOf(workbench, network, segment));
  return { segments, runs, storedBytes, runBytes: Math.max(...peaks) };
}

/** Bytes that each kind of run takes. */
function peaksOf(
  { costs }: Workbench,
  network: SplitNetwork,
  { from, passes, rules, height, width, attention }: PlannedSegment,
): number[] {
  const tiles = passes.map((piece, i) => {
    const { tile } = rules[i]!;
    return takenBytes(costs.of(network.piece(piece), Math.min(height, tile), Math.min(width, tile)));
  });
  if (!attention) return tiles;
  const { queries, keys } = attention;
  return [...tiles, takenBytes(costs.of(network.attention(from, queries), 1, queries + keys))];
}

/** The tiles of the pass that gives the result. */
export function lastRule({ segments }: SplitPlan): TilingRule {
  return segments.at(-1)!.rules.at(-1)!;
}

function planSegment(
  workbench: Workbench,
  network: SplitNetwork,
  segment: Segment,
  options: { height: number; width: number; limits: TileLimits },
): PlannedSegment {
  const scale = scaleAt(network.steps, segment.from);
  const [height, width] = sizeAt(network.steps, segment.from, options.height, options.width);
  const limits = {
    ...options.limits,
    runBytes: Math.max(0, options.limits.runBytes - segment.storedBytes),
    edge: options.limits.edge * scale,
  };
  const rules = segment.passes.map((piece) => {
    const edge = Math.max(limits.edge, describePiece(network.steps, piece).edge);
    return chooseRule(network.piece(piece), workbench.costs, { ...limits, edge }, height, width);
  });
  const attention = attentionOf(network.steps, segment.from)
    ? chooseAttention(workbench, network, segment.from, limits, height * width)
    : undefined;
  return { ...segment, rules, height, width, attention };
}

function chooseAttention(
  workbench: Workbench,
  network: SplitNetwork,
  step: number,
  limits: TileLimits,
  positions: number,
): { queries: number; keys: number } {
  // A person who asks for small tiles gets small parts here too.
  const wanted = Math.min(ATTENTION_EDGE, Math.max(LEAST_ATTENTION, Math.floor(limits.edge ** 2)));
  let edge = Math.min(positions, wanted);
  const isTooLarge = () => {
    const cost = workbench.costs.of(network.attention(step, edge), 1, 2 * edge);
    return cost.largestTensorBytes > limits.tensorBytes || takenBytes(cost) > limits.runBytes;
  };
  while (edge > SMALL_ATTENTION && isTooLarge()) edge = Math.max(SMALL_ATTENTION, Math.ceil(edge / 2));
  // As many parts, but all of nearly one size.
  const even = Math.ceil(positions / Math.ceil(positions / edge));
  return { queries: even, keys: even };
}

function countRuns({ rules, height, width, attention }: PlannedSegment): number {
  const tiles = rules.reduce((sum, rule) => sum + planTiles(height, width, rule).length, 0);
  if (!attention) return tiles;
  const positions = height * width;
  return tiles + Math.ceil(positions / attention.queries) * Math.ceil(positions / attention.keys);
}
