import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { nearestUp } from '../onnx/ops';
import type { AutoencoderOptions, BuiltGraph } from '../types';
import { attention, joinAttention } from './kl-attention';
import { convWithin, normAndActivate, resnetEnd, resnetStart } from './kl-blocks';
import { finishKl, startKl } from './kl-ends';
import type { KlPart } from './kl-layout';
import { givenStatistics, type KlStatistics, wholePicture } from './kl-norm';
import { describeKlPiece, type KlPiece } from './kl-pieces';
import { type KlStep, type KlSteps, listKlSteps } from './kl-steps';

/**
 * A full decoder (AutoencoderKL): latent [1, C, h, w] to RGB [1, 3, 8h, 8w], nominally in [0, 1], not clamped.
 *
 * The latent is in decoder space; FLUX.2's is in model space, because its weights carry the statistics: the graph
 * undoes the batch norm, which repeats every two positions, so both sides must be even.
 *
 * GroupNorm and attention see the whole picture: this graph cannot be tiled. {@link buildKlPiece} can.
 *
 * @throws LeapError `bad-weights` when the tensors are of no known layout, `bad-option` for an odd FLUX.2 latent
 */
export function buildKlDecoder(options: AutoencoderOptions): BuiltGraph {
  return buildWhole('decoder', options);
}

/**
 * A full encoder (AutoencoderKL): RGB [1, 3, 8h, 8w] in [0, 1] to the mean latent [1, C, h, w], in decoder space
 * (FLUX.2: in model space).
 *
 * @throws LeapError as {@link buildKlDecoder}
 */
export function buildKlEncoder(options: AutoencoderOptions): BuiltGraph {
  return buildWhole('encoder', options);
}

export interface KlPieceOptions extends AutoencoderOptions {
  piece: KlPiece;
  /** Statistics of the whole picture, for every normalisation inside the piece, by its name. */
  statistics: ReadonlyMap<string, KlStatistics>;
}

/**
 * A piece of a full autoencoder for a tile: features of its first point, [1, inputs, height, width], to those at
 * its end (both float32, and in fp16 divided as described in kl-blocks.ts). With the statistics of the whole picture
 * its result is that of the whole graph, except within the halo of the tile's inner borders.
 *
 * @throws LeapError as {@link buildKlDecoder}
 */
export function buildKlPiece(part: KlPart, options: KlPieceOptions): BuiltGraph {
  const network = listKlSteps(options.weights, part);
  const { piece } = options;
  const { inputs } = describeKlPiece(network, piece);
  const b = new GraphBuilder(network.layout.table, options.precision);
  const input = b.input([1, inputs, options.height, options.width]);
  const norm = givenStatistics(options.statistics);
  const begin = piece.from === 0 ? input : b.cast(input, b.computeType);
  const joined = network.steps[piece.from]!.before === 'attention' && piece.from > 0;
  const features = joined ? joinAttention(b, begin, network.layout) : begin;
  const result = runSteps({ ...network, b, norm }, features, piece, joined);
  return b.finish(result, `kl-${part} ${piece.from}-${piece.to}${piece.norm ?? ''}`);
}

function buildWhole(part: KlPart, options: AutoencoderOptions): BuiltGraph {
  const network = listKlSteps(options.weights, part);
  const b = new GraphBuilder(network.layout.table, options.precision);
  const input = b.input([1, network.steps[0]!.inputs, options.height, options.width]);
  const whole = { from: 0, to: network.steps.length };
  return b.finish(runSteps({ ...network, b, norm: wholePicture }, input, whole, false), `kl-${part}`);
}

interface Context extends KlSteps {
  b: GraphBuilder;
  norm: typeof wholePicture;
}

/** @param joined whether the part before the first step is done already */
function runSteps(context: Context, input: Value, { from, to, norm: stop }: KlPiece, joined: boolean): Value {
  const { b, norm, layout, part, steps } = context;
  let x = input;
  for (const [i, step] of steps.slice(from, to).entries()) {
    const atLast = (index: number): boolean => i === to - from - 1 && index === stop;
    if (i > 0 || !joined) x = runBefore(context, x, step);
    if (atLast(0)) return x;
    if (step.resnet === undefined) {
      return finishKl(b, normAndActivate(b, x, step.norms[0]!, norm), layout, part);
    }
    const inner = resnetStart(b, x, step.resnet, norm);
    if (atLast(1)) return inner;
    x = resnetEnd(b, x, inner, step.resnet, { shortcut: layout.shortcut, norm });
  }
  return x;
}

function runBefore({ b, layout, part, norm }: Context, x: Value, { before, resample }: KlStep): Value {
  switch (before) {
    case 'nothing':
      return x;
    case 'first':
      return startKl(b, x, layout, part);
    case 'attention':
      return attention(b, x, layout.attention!, norm);
    case 'up':
      return convWithin(b, nearestUp(b, x, 2), resample!);
    case 'down':
      // One column and one row of zeros, only on the right and below.
      return convWithin(b, x, resample!, { stride: 2, pads: [0, 0, 1, 1] });
  }
}
