import { denominatorOf } from '../../factor';
import { FILTER_REACH } from '../resample';
import type { Piece, Step, StepList } from './step-list';

/** What the tiler needs to know about a piece. Positions are those of the piece's input. */
export interface PieceShape {
  /** Positions of its output per position of its input. */
  scale: number;
  /** Channels of its input and of its output. */
  inputs: number;
  channels: number;
  /** How far it sees; a multiple of `align`. */
  halo: number;
  /** Tiles start on multiples of this. */
  align: number;
  /** Tiles may always have this edge, however small others are; 0 if there is no such edge. */
  edge: number;
  /** Multiply-adds per position of the whole network's input. */
  cost: number;
}

/** Positions of a point per position of the network's input. */
export function scaleAt({ steps }: StepList, point: number): number {
  return point === 0 ? 1 : steps[point - 1]!.scale;
}

/** Height and width of the grid that the pieces from a point on are run over, for an input of this size. */
export function sizeAt(network: StepList, point: number, height: number, width: number): [number, number] {
  const scale = scaleAt(network, point);
  return network.sizeAt?.(point, height, width) ?? [Math.round(height * scale), Math.round(width * scale)];
}

/** Whether it gives the network's own result. */
export function isLastPiece({ steps }: StepList, { to, norm }: Piece): boolean {
  return to === steps.length && norm === undefined;
}

export function describePiece(network: StepList, piece: Piece): PieceShape {
  const inside = network.steps.slice(piece.from, piece.to);
  const last = inside.at(-1)!;
  const stop = piece.norm ?? last.norms.length;
  const start = scaleAt(network, piece.from);
  const scale = last.scale / start;
  const graphs = inside.map(({ before }) => before).filter((before) => before.kind === 'own');
  const own = (denominatorOf(scale) ?? 1) * Math.max(1, ...graphs.map(({ align }) => align));
  const align = network.alignOf?.(piece, own) ?? own;
  return {
    scale,
    inputs: inputsOf(inside[0]!),
    channels: stop === 0 ? last.width : last.channels,
    halo: Math.ceil(reachOf(inside, start, stop) / align) * align,
    align,
    edge: Math.max(0, ...graphs.map(({ edge }) => edge)),
    cost: inside.reduce((sum, step, i) => {
      return sum + step.scale ** 2 * step.costs[i === inside.length - 1 ? stop : step.norms.length]!;
    }, 0),
  };
}

/** Multiply-adds of one run over everything, for an input of this size. */
export function countWork(network: StepList, height: number, width: number): number {
  const { steps } = network;
  const positions = height * width;
  const mixing = steps.reduce((sum, { before, inputs }, i) => {
    if (before.kind !== 'attention') return sum;
    const tokens = positions * scaleAt(network, i) ** 2;
    // Queries, keys and values, the scores, and the mixture.
    return sum + tokens * inputs * (3 * inputs + 2 * tokens);
  }, 0);
  return describePiece(network, { from: 0, to: steps.length }).cost * positions + mixing;
}

/** A piece that begins with an attention takes the features and, behind them, the attention's result. */
function inputsOf({ before, inputs }: Step): number {
  return before.kind === 'attention' ? 2 * inputs : inputs;
}

/** Backwards from the output: every 3x3 convolution sees one position further. @param start scale of the input */
function reachOf(inside: Step[], start: number, stop: number): number {
  return inside.reduceRight((reach, { norms, before, scale }, i) => {
    const isLast = i === inside.length - 1;
    const behind = reach + (isLast ? stop : norms.length);
    switch (before.kind) {
      case 'first':
        return behind + 1;
      case 'up':
        return Math.ceil((behind + 1) / 2);
      case 'down':
        // At position i it sees 2i to 2i + 2.
        return 2 * behind + 1;
      case 'own':
        return behind + before.reach;
      case 'enlarge':
        return Math.ceil(behind / (scale / (inside[i - 1]?.scale ?? start))) + FILTER_REACH.bilinear;
      default:
        return behind;
    }
  }, 0);
}
