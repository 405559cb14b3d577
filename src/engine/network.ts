import type { Piece, Statistics, StepList } from '../graph';
import type { BuiltGraph, Precision } from '../graph/types';
import type { Affine } from './device/runtime';

/** One step of the pipeline: what the tiler needs to know about a graph, whatever the graph computes. */
export interface Network {
  /** Names the graph uniquely, apart from tile shape and precision. */
  key: string;
  /** Output positions per input position. */
  scale: number;
  /** Channels of the output; before a part {@link after}, of what that takes. */
  channels: number;
  /** How tiles must overlap; null when the network cannot be tiled. */
  overlap: { halo: number; fade: number; align: number } | null;
  /** The only tile edge that it takes, in input positions; absent where it takes any. */
  edge?: number;
  /** From model space into the network, and back (for decoders, pictures stay as they are). */
  affineIn: Affine;
  affineOut: Affine;
  weights: ReadonlyMap<string, Uint8Array>;
  /** A first part that sees everything at once. It keeps the size; its output is the input of this network. */
  before?: Network;
  /** An encoder's last part that sees everything at once. It keeps the size; its input is the output of this network. */
  after?: Network;
  /** How to run it in tiles, piece by piece with pooled statistics, although it sees far or everything at once. */
  split?: SplitNetwork;
  build(height: number, width: number, precision: Precision): BuiltGraph;
}

/** A network that uses statistics of the whole, or sees far, but can still be run in pieces and tiles. */
export interface SplitNetwork {
  steps: StepList;
  /** @param statistics of the pieces before; without them the graph only tells what it costs */
  piece(piece: Piece, statistics?: KnownStatistics): Network;
  /** @param step the one that begins with it @param queries the number of positions that look at the others */
  attention(step: number, queries: number, statistics?: KnownStatistics): Network;
}

/** Statistics of the whole, by the name of the normalisation. `id` differs from run to run. */
interface KnownStatistics {
  id: string;
  values: ReadonlyMap<string, Statistics>;
}
