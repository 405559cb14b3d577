import { LeapError } from '../errors';
import { GraphBuilder, type Value } from './graph-builder';
import { convIn, convWithin, middle, normAndActivate, resnet } from './kl-blocks';
import { findKlLayout } from './kl-layout';
import { ElementType } from './onnx-proto';
import { add, conv, firstChannels, mul, nearestUp, reshape, sub } from './ops';
import type { AutoencoderOptions } from './taesd';
import type { BuiltGraph } from './types';

/** The epsilon of FLUX.2's batch norm. */
const BATCH_NORM_EPSILON = 1e-4;

/**
 * A full decoder (AutoencoderKL): latent [1, C, h, w] to RGB [1, 3, 8h, 8w], nominally in [0, 1], not clamped.
 *
 * The latent is in decoder space; FLUX.2's is in model space, because its weights carry the statistics: the graph
 * undoes the batch norm, which repeats every two positions, so both sides must be even.
 *
 * GroupNorm and attention see the whole picture: this graph cannot be tiled.
 *
 * @throws LeapError `bad-weights` when the tensors are of no known layout, `bad-option` for an odd FLUX.2 latent
 */
export function buildKlDecoder(options: AutoencoderOptions): BuiltGraph {
  const layout = findKlLayout(options.weights, 'decoder');
  const b = new GraphBuilder(layout.table, options.precision);
  const channels = b.weightShape(`${layout.convIn}.weight`)[1]!;
  const input = b.input([1, channels, options.height, options.width]);
  let x = b.cast(layout.hasBatchNorm ? batchNorm(b, input, 'undo') : input, b.computeType);
  if (layout.quantConv) x = conv(b, x, layout.quantConv);
  x = middle(b, convIn(b, x, layout.convIn), layout);
  for (const { resnets, resample } of layout.levels) {
    for (const key of resnets) x = resnet(b, x, key, layout.shortcut);
    if (resample) x = convWithin(b, nearestUp(b, x, 2), resample);
  }
  x = conv(b, normAndActivate(b, x, layout.normOut), layout.convOut);
  const rgb = b.cast(x, ElementType.float32);
  const half = b.floats([0.5], [], ElementType.float32);
  return b.finish(add(b, mul(b, rgb, half), half), 'kl-decoder');
}

/**
 * A full encoder (AutoencoderKL): RGB [1, 3, 8h, 8w] in [0, 1] to the mean latent [1, C, h, w], in decoder space
 * (FLUX.2: in model space).
 *
 * @throws LeapError as {@link buildKlDecoder}
 */
export function buildKlEncoder(options: AutoencoderOptions): BuiltGraph {
  const layout = findKlLayout(options.weights, 'encoder');
  const b = new GraphBuilder(layout.table, options.precision);
  const input = b.input([1, 3, options.height, options.width]);
  const [two, one] = [2, 1].map((value) => b.floats([value], [], ElementType.float32)) as [Value, Value];
  let x = convIn(b, b.cast(sub(b, mul(b, input, two), one), b.computeType), layout.convIn);
  for (const { resnets, resample } of layout.levels) {
    for (const key of resnets) x = resnet(b, x, key, layout.shortcut);
    // One row and one column of zeros, on the right and below only.
    if (resample) x = convWithin(b, x, resample, { stride: 2, pads: [0, 0, 1, 1] });
  }
  x = conv(b, normAndActivate(b, middle(b, x, layout), layout.normOut), layout.convOut);
  if (layout.quantConv) x = conv(b, x, layout.quantConv);
  const mean = b.cast(firstChannels(b, x, x.shape[1]! / 2), ElementType.float32);
  return b.finish(layout.hasBatchNorm ? batchNorm(b, mean, 'apply') : mean, 'kl-encoder');
}

/**
 * FLUX.2's batch norm of packed latents on an unpacked one: its channel 4c + 2i + j belongs to channel c at odd or
 * even rows (i) and columns (j).
 */
function batchNorm(b: GraphBuilder, x: Value, direction: 'apply' | 'undo'): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  if (height % 2 !== 0 || width % 2 !== 0) {
    throw new LeapError('bad-option', `A FLUX.2 latent has even sides, not ${height} x ${width}.`, {
      height,
      width,
    });
  }
  const statistic = (name: string): Value =>
    b.weight(`bn.running_${name}`, { shape: [4 * channels], type: ElementType.float32 });
  const perPhase = (value: Value): Value => reshape(b, value, [channels, 1, 2, 1, 2]);
  const epsilon = b.floats([BATCH_NORM_EPSILON], [], ElementType.float32);
  const variance = add(b, statistic('var'), epsilon);
  const deviation = perPhase(b.op('Sqrt', [variance], variance.shape));
  const mean = perPhase(statistic('mean'));
  const phases = reshape(b, x, [channels, height / 2, 2, width / 2, 2]);
  const result =
    direction === 'undo'
      ? add(b, mul(b, phases, deviation), mean)
      : b.op('Div', [sub(b, phases, mean), deviation], phases.shape);
  return reshape(b, result, x.shape);
}
