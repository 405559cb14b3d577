import type { KlPiece, KlStatistics, KlSteps } from '../graph';
import type { BuiltGraph, Precision } from '../graph/types';
import type { Affine } from './device/runtime';

/** One step of the pipeline: what the tiler has to know about a graph, whatever it computes. */
export interface Network {
  /** Unique per graph but for tile shape and precision. */
  key: string;
  /** Output positions per input position. */
  scale: number;
  /** Channels of the output. */
  channels: number;
  /** How tiles must overlap; null when the network cannot be tiled. */
  overlap: { halo: number; fade: number; align: number } | null;
  /** From model space into the network, and back out (decoders: pictures are left alone). */
  affineIn: Affine;
  affineOut: Affine;
  weights: ReadonlyMap<string, Uint8Array>;
  /** A first part, at the same scale as the input, that must see everything at once: its output is the input. */
  before?: Network;
  /** How to run it in tiles although it sees everything at once: piece by piece, with pooled statistics. */
  staged?: StagedNetwork;
  build(height: number, width: number, precision: Precision): BuiltGraph;
}

/** A network with statistics of the whole picture inside, which can be run in pieces and tiles nevertheless. */
export interface StagedNetwork {
  steps: KlSteps;
  /** @param statistics of the pieces before; without them the graph is only good for asking what it costs */
  piece(piece: KlPiece, statistics?: KnownStatistics): Network;
  /** @param queries how many of the positions look at the others */
  attention(queries: number, statistics?: KnownStatistics): Network;
}

/** Of the whole picture, by the name of the normalisation. `id` is different for every picture. */
export interface KnownStatistics {
  id: string;
  values: ReadonlyMap<string, KlStatistics>;
}
