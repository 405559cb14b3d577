import type { KlStep, KlSteps } from './kl-steps';

/** Some steps of a full autoencoder: from one point to another, or to the input of a normalisation. */
export interface KlPiece {
  /** First step, and the one after the last. */
  from: number;
  to: number;
  /** Index of the normalisation of the last step whose input is the output; absent: the last step's own output. */
  norm?: number;
}

/** What the tiler needs to know about a piece. Positions are those of the piece's input. */
export interface KlPieceShape {
  /** Positions of its output per position of its input. */
  scale: number;
  /** Channels of its input and of its output. */
  inputs: number;
  channels: number;
  /** How far it sees; a multiple of `align`. */
  halo: number;
  /** Tiles start on multiples of this. */
  align: number;
  /** Multiply-adds per position of the whole network's input. */
  cost: number;
}

/** Positions of a point per position of the network's input. */
export function scaleAt({ steps }: KlSteps, point: number): number {
  return point === 0 ? 1 : steps[point - 1]!.scale;
}

export function describeKlPiece(network: KlSteps, piece: KlPiece): KlPieceShape {
  const { steps, layout, part } = network;
  const inside = steps.slice(piece.from, piece.to);
  const last = inside.at(-1)!;
  const stop = piece.norm ?? last.norms.length;
  const ends = piece.to === steps.length && piece.norm === undefined;
  const start = scaleAt(network, piece.from);
  const scale = last.scale / start;
  let align = Math.max(1, 1 / scale);
  // FLUX.2's batch norm tells odd from even positions of the latent.
  if (layout.hasBatchNorm && (part === 'decoder' ? piece.from === 0 : ends)) align *= 2;
  // The result of a picture's tile is kept in whole latent positions.
  if (part === 'decoder' && ends) align = Math.max(align, start);
  return {
    scale,
    inputs: inputsOf(inside[0]!, piece.from),
    channels: stop === 0 ? last.width : last.channels,
    halo: Math.ceil(reachOf(inside, stop) / align) * align,
    align,
    cost: inside.reduce((sum, step, i) => {
      return sum + step.scale ** 2 * step.costs[i === inside.length - 1 ? stop : step.norms.length]!;
    }, 0),
  };
}

/** A piece that begins with the attention takes the features and, behind them, the attention's result. */
function inputsOf({ before, inputs }: KlStep, from: number): number {
  return before === 'attention' && from > 0 ? 2 * inputs : inputs;
}

/** Backwards from the output: every 3x3 convolution sees one position further. */
function reachOf(inside: KlStep[], stop: number): number {
  return inside.reduceRight((reach, { norms, before }, i) => {
    const behind = reach + (i === inside.length - 1 ? stop : norms.length);
    if (before === 'first') return behind + 1;
    if (before === 'up') return Math.ceil((behind + 1) / 2);
    // At position i it sees 2i to 2i + 2.
    return before === 'down' ? 2 * behind + 1 : behind;
  }, 0);
}
