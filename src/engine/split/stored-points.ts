import { attentionOf, describePiece, type Piece, type StepList, scaleAt } from '../../graph';
import type { Precision } from '../../graph/types';
import { FeatureStore } from './feature-store';

/** A part of the network between two points whose features are kept (the first and last: its input and output). */
export interface Segment {
  from: number;
  to: number;
  /**
   * One pass for each statistic that is not known yet, which only looks at features, and at the end the pass that
   * gives the segment's result.
   */
  passes: Piece[];
  /** Multiply-adds of all passes per position of the network's input, halos not counted. */
  cost: number;
  /** Bytes of the features that are kept at both ends. */
  storedBytes: number;
}

/**
 * Chooses the points whose features are kept. Every GroupNorm needs a pass over all tiles that begins at the last
 * kept features. Keeping them at every point costs the fewest multiply-adds and the most memory.
 *
 * @param start the point to begin at: 0, or one whose features are there from an earlier attempt
 * @param height of the network's input, as `width`
 * @returns the cheapest way whose features take at most `bytes`; if there is none, the way that takes the least
 */
export function chooseSegments(
  network: StepList,
  options: { start: number; height: number; width: number; bytes: number; precision: Precision },
): Segment[] {
  const { start, height, width, bytes, precision } = options;
  const end = network.steps.length;
  const isKept = (step: number) => attentionOf(network, step) || network.steps[step]!.before.kind === 'own';
  const always = [...network.steps.keys()].filter(isKept);
  const all: Segment[] = [];
  for (let from = start; from < end; from++) {
    for (let to = from + 1; to <= end; to++) {
      // An attention needs the features of the whole; a graph of its own would see too far together with others.
      if (always.some((step) => from < step && step < to)) continue;
      all.push(describeSegment(network, { from, to, positions: height * width, precision }));
    }
  }
  const limits = [bytes, ...all.map(({ storedBytes }) => storedBytes).sort((a, b) => a - b)];
  for (const limit of limits.filter((value) => value >= bytes)) {
    const way = cheapestWay(
      all.filter(({ storedBytes }) => storedBytes <= limit),
      start,
      end,
    );
    if (way) return way;
  }
  throw new RangeError(`No way leads from point ${start} to ${end}.`);
}

function describeSegment(
  network: StepList,
  options: { from: number; to: number; positions: number; precision: Precision },
): Segment {
  const { from, to, positions, precision } = options;
  const { steps } = network;
  const passes: Piece[] = [];
  for (let i = from; i < to; i++) {
    for (const norm of steps[i]!.norms.keys()) {
      // The statistics of kept features were taken when they were stored.
      const known = i === from && norm === 0 && from > 0 && steps[i]!.before.kind === 'nothing';
      if (!known) passes.push({ from, to: i + 1, norm });
    }
  }
  passes.push({ from, to });
  const cost = passes.reduce((sum, piece) => sum + describePiece(network, piece).cost, 0);
  const kept = [from, to].filter((point) => point > 0 && point < steps.length);
  const storedBytes = kept.reduce((sum, point) => sum + positions * bytesAt(network, point, precision), 0);
  return { from, to, passes, cost, storedBytes };
}

/** Bytes kept at a point per position of the network's input; where an attention is, its result comes on top. */
function bytesAt(network: StepList, point: number, precision: Precision): number {
  const { before, inputs } = network.steps[point]!;
  const channels = before.kind === 'attention' ? 2 * inputs : inputs;
  return (
    FeatureStore.bytes([channels, 1, 1], storedPrecision(network, precision)) * scaleAt(network, point) ** 2
  );
}

/** The precision in which features are kept when the network computes in `precision`. */
export function storedPrecision({ keepsFloat32 }: StepList, precision: Precision): Precision {
  return keepsFloat32 ? 'fp32' : precision;
}

/** Shortest path; segments are in the order of their beginnings. */
function cheapestWay(segments: Segment[], start: number, end: number): Segment[] | undefined {
  const best = new Map<number, { cost: number; way: Segment[] }>([[start, { cost: 0, way: [] }]]);
  for (const segment of segments) {
    const before = best.get(segment.from);
    if (!before) continue;
    const cost = before.cost + segment.cost;
    if (cost < (best.get(segment.to)?.cost ?? Number.POSITIVE_INFINITY)) {
      best.set(segment.to, { cost, way: [...before.way, segment] });
    }
  }
  return best.get(end)?.way;
}
