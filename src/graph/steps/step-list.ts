import type { GraphBuilder, Value } from '../onnx/graph-builder';
import type { WeightsTable } from '../onnx/weights-table';
import type { NormConstants } from './norm';

/** Keys of the layers of an attention. */
export interface AttentionKeys {
  norm: string;
  query: string;
  key: string;
  value: string;
  out: string;
}

/** Keys of the layers of a residual block: x + conv(act(norm(conv(act(norm(x))) + shift))). */
export interface ResnetKeys {
  norms: [string, string];
  convs: [string, string];
  /** A 1x1 convolution beside the block, where its width changes; its weights may be missing. */
  shortcut: string;
  /** A linear layer that makes the shift of the network's embedding. */
  shift?: string;
}

/**
 * What comes before the residual block of a step. `first`: from the network's own input, up to its first 3x3
 * convolution. `attention`: every position looks at every other one. `up`, `down`: the size is doubled or halved, with a
 * convolution. `enlarge`: it grows by the step's factor, bilinearly.
 */
export type Before =
  | { kind: 'nothing' | 'enlarge' }
  | { kind: 'first' | 'up' | 'down'; conv: string }
  | { kind: 'attention'; keys: AttentionKeys }
  | OwnGraph;

/** A step without residual block and normalisation, built in its own way. The features before it are always kept. */
export interface OwnGraph {
  kind: 'own';
  /** Features, float32, to float32. */
  build(b: GraphBuilder, x: Value): Value;
  /** How far a tile sees that begins and ends on multiples of `align`. */
  reach: number;
  align: number;
  /** Tiles may have this edge, however small others are: of smaller ones too little would be kept. */
  edge: number;
}

/**
 * One step of a network that sees everything at once: what comes before a residual block, and the block; or, at the
 * end, the last normalisation and convolution. Between two steps there is one tensor, so the network can be cut there:
 * step `i` takes point `i` (point 0 is the network's input) to point `i + 1`.
 */
export interface Step {
  before: Before;
  /** Some steps have none. */
  resnet: ResnetKeys | undefined;
  /** Its normalisations, in order. Each needs the statistics of the whole. */
  norms: string[];
  /** Positions of its output per position of the network's input. */
  scale: number;
  /** Channels of its input, at its first normalisation, and of its output. */
  inputs: number;
  width: number;
  channels: number;
  /** Multiply-adds per position of its output, up to each of its normalisations, and to its end. */
  costs: number[];
}

/** Some steps of a network: from one point to another, or to the input of a normalisation. */
export interface Piece {
  /** First step, and the one after the last. */
  from: number;
  to: number;
  /** Index of the normalisation of the last step whose input is the output; absent: the last step's own output. */
  norm?: number;
}

/** A network that sees far or everything at once, as steps between which it can be cut. */
export interface StepList {
  /** For the names of its graphs. */
  name: string;
  table: WeightsTable;
  norm: NormConstants;
  steps: Step[];
  /** The network's input, float32, up to and including its first 3x3 convolution: into the divided range. */
  begin?(b: GraphBuilder, input: Value): Value;
  /** The last convolution, on what is normalised and activated: the network's result, float32. */
  finish?(b: GraphBuilder, active: Value): Value;
  /** What the residual blocks are told beside their input: [1, E], float32. */
  embed?(b: GraphBuilder): Value;
  /** On which multiples the tiles of a piece must begin, where its own `align` does not do. */
  alignOf?(piece: Piece, align: number): number;
  /**
   * Height and width of the grid that the pieces from a point on are run over, where it is not the network's input times
   * the scale there. A larger one at point 0 is the input continued by reflection.
   *
   * @param height of the network's input, as `width`
   */
  sizeAt?(point: number, height: number, width: number): [height: number, width: number];
  /** Kept features stay float32, whatever the precision. */
  keepsFloat32?: boolean;
}
