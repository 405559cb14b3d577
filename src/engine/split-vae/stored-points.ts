import { describeKlPiece, type KlPiece, type KlSteps, scaleAt } from '../../graph';
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
  passes: KlPiece[];
  /** Multiply-adds of all passes per position of the network's input, halos not counted. */
  cost: number;
  /** Bytes of the features that are kept at both ends. */
  storedBytes: number;
}

/**
 * Chooses the points whose features are kept. Every GroupNorm needs a pass over the picture that begins at the last
 * kept features. Keeping them at every point costs the fewest multiply-adds and the most memory.
 *
 * @param start the point to begin at: 0, or one whose features are there from an earlier attempt
 * @param height of the network's input, as `width`
 * @returns the cheapest way whose features take at most `bytes`; if there is none, the way that takes the least
 */
export function chooseSegments(
  network: KlSteps,
  options: { start: number; height: number; width: number; bytes: number; precision: Precision },
): Segment[] {
  const { start, height, width, bytes, precision } = options;
  const end = network.steps.length;
  const attention = network.steps.findIndex(({ before }) => before === 'attention');
  const all: Segment[] = [];
  for (let from = start; from < end; from++) {
    for (let to = from + 1; to <= end; to++) {
      // The attention needs the features of the whole picture, so they are kept before it.
      if (from < attention && attention < to) continue;
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
  network: KlSteps,
  options: { from: number; to: number; positions: number; precision: Precision },
): Segment {
  const { from, to, positions, precision } = options;
  const { steps } = network;
  const passes: KlPiece[] = [];
  for (let i = from; i < to; i++) {
    for (const norm of steps[i]!.norms.keys()) {
      // The statistics of kept features were taken when they were stored.
      const known = i === from && norm === 0 && from > 0 && steps[i]!.before === 'nothing';
      if (!known) passes.push({ from, to: i + 1, norm });
    }
  }
  passes.push({ from, to });
  const cost = passes.reduce((sum, piece) => sum + describeKlPiece(network, piece).cost, 0);
  const kept = [from, to].filter((point) => point > 0 && point < steps.length);
  const storedBytes = kept.reduce((sum, point) => sum + positions * bytesAt(network, point, precision), 0);
  return { from, to, passes, cost, storedBytes };
}

/** Bytes kept at a point per position of the network's input; where the attention is, its result comes on top. */
function bytesAt(network: KlSteps, point: number, precision: Precision): number {
  const { before, inputs } = network.steps[point]!;
  const channels = before === 'attention' ? 2 * inputs : inputs;
  return FeatureStore.bytes([channels, 1, 1], precision) * scaleAt(network, point) ** 2;
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
