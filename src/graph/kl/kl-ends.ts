import { LeapError } from '../../errors';
import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, conv, firstChannels, mul, reshape, sub } from '../onnx/ops';
import { convIn } from '../steps/blocks';
import type { KlLayout, KlPart } from './kl-layout';

/** The epsilon of FLUX.2's batch norm. */
const BATCH_NORM_EPSILON = 1e-4;

/** The network's input, float32, up to and including its first 3x3 convolution. */
export function startKl(b: GraphBuilder, input: Value, layout: KlLayout, part: KlPart): Value {
  if (part === 'encoder') {
    const [two, one] = [2, 1].map((value) => b.floats([value], [], ElementType.float32)) as [Value, Value];
    return convIn(b, b.cast(sub(b, mul(b, input, two), one), b.computeType), layout.convIn);
  }
  const latent = b.cast(layout.hasBatchNorm ? batchNorm(b, input, 'undo') : input, b.computeType);
  return convIn(b, layout.quantConv ? conv(b, latent, layout.quantConv) : latent, layout.convIn);
}

/** The last convolution, on what is normalised and activated: RGB about [0, 1], or the mean latent; float32. */
export function finishKl(b: GraphBuilder, active: Value, layout: KlLayout, part: KlPart): Value {
  const x = conv(b, active, layout.convOut);
  if (part === 'decoder') {
    const half = b.floats([0.5], [], ElementType.float32);
    return add(b, mul(b, b.cast(x, ElementType.float32), half), half);
  }
  const moments = layout.quantConv ? conv(b, x, layout.quantConv) : x;
  const mean = b.cast(firstChannels(b, moments, moments.shape[1]! / 2), ElementType.float32);
  return layout.hasBatchNorm ? batchNorm(b, mean, 'apply') : mean;
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
