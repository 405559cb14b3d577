import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { nearestUp } from '../onnx/ops';
import { enlargeTo } from '../resample';
import type { BuiltGraph, Precision } from '../types';
import { attention, joinAttention } from './attention';
import { convWithin, normAndActivate, resnetEnd, resnetStart } from './blocks';
import { givenStatistics, type Normalise, type Statistics, statisticsOfItself } from './norm';
import { describePiece, scaleAt } from './piece';
import type { Piece, Step, StepList } from './step-list';

/** What the graph of a step list is built for. Height and width are those of its input. */
export interface StepsOptions {
  height: number;
  width: number;
  precision: Precision;
}

/** The whole network in one graph. It takes its statistics from its own features, so it cannot be tiled. */
export function buildWhole(network: StepList, { height, width, precision }: StepsOptions): BuiltGraph {
  const b = new GraphBuilder(network.table, precision);
  const input = b.input([1, network.steps[0]!.inputs, height, width]);
  const whole = { from: 0, to: network.steps.length };
  const context = { network, b, norm: statisticsOfItself(network.norm) };
  return b.finish(runSteps(context, input, whole), network.name);
}

export interface PieceOptions extends StepsOptions {
  piece: Piece;
  /** Statistics of the whole, for every normalisation inside the piece, by its name. */
  statistics: ReadonlyMap<string, Statistics>;
}

/**
 * A piece of a network for a tile: features of its first point, [1, inputs, height, width], to those at its end (both
 * float32, and in fp16 divided as described in range.ts). With the statistics of the whole its result is that of the
 * whole graph, except within the halo of the tile's inner borders.
 */
export function buildPiece(network: StepList, options: PieceOptions): BuiltGraph {
  const { piece, height, width, precision } = options;
  const { inputs } = describePiece(network, piece);
  const b = new GraphBuilder(network.table, precision);
  const input = b.input([1, inputs, height, width]);
  const norm = givenStatistics(network.norm, options.statistics);
  const takesFloat32 = piece.from === 0 || network.steps[piece.from]!.before.kind === 'own';
  const features = takesFloat32 ? input : b.cast(input, b.computeType);
  const result = runSteps({ network, b, norm }, features, piece);
  return b.finish(result, `${network.name} ${piece.from}-${piece.to}${piece.norm ?? ''}`);
}

interface Context {
  network: StepList;
  b: GraphBuilder;
  norm: Normalise;
}

function runSteps(context: Context, input: Value, { from, to, norm: stop }: Piece): Value {
  const { b, norm, network } = context;
  const embedding = network.embed?.(b);
  let x = input;
  for (let i = from; i < to; i++) {
    const step = network.steps[i]!;
    const atLast = (index: number): boolean => i === to - 1 && index === stop;
    const { before, resnet, norms } = step;
    // What a piece begins with has been mixed already.
    const mixed = i === from && before.kind === 'attention';
    x = mixed ? joinAttention(b, x, before.keys) : runBefore(context, x, step, i);
    if (atLast(0)) return x;
    if (resnet) {
      const inner = resnetStart(b, x, resnet, { norm, embedding });
      if (atLast(1)) return inner;
      x = resnetEnd(b, x, inner, resnet, norm);
    } else if (norms.length > 0) {
      x = network.finish!(b, normAndActivate(b, x, norms[0]!, norm));
    }
  }
  return x;
}

function runBefore({ b, network, norm }: Context, x: Value, { before, scale }: Step, index: number): Value {
  switch (before.kind) {
    case 'nothing':
      return x;
    case 'first':
      return network.begin!(b, x);
    case 'attention':
      return attention(b, x, before.keys, norm);
    case 'up':
      return convWithin(b, nearestUp(b, x, 2), before.conv);
    case 'down':
      // One column and one row of zeros, only on the right and below.
      return convWithin(b, x, before.conv, { stride: 2, pads: [0, 0, 1, 1] });
    case 'own':
      return before.build(b, x);
    case 'enlarge':
      return b.cast(
        enlargeTo(b, x, enlargedSize(x, scale / scaleAt(network, index)), 'bilinear'),
        b.computeType,
      );
  }
}

function enlargedSize({ shape }: Value, factor: number): { height: number; width: number } {
  const [, , height = 0, width = 0] = shape;
  return { height: Math.round(height * factor), width: Math.round(width * factor) };
}
