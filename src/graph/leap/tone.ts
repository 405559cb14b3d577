import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { add, concat, linear, mul, relu, reshape, splitSizes, sub } from '../onnx/ops';

/** Keeps the square root's slope finite in training; statistics() in training/leap/networks/leap_decoder.py. */
const EPSILON = 1e-6;

/**
 * Scales and shifts the channels of a whole latent [1, C, h, w] (fp32). Two linear layers compute how, from the means
 * and deviations of the channels.
 *
 * FLUX.2's encoders normalise by the picture, so the same detail has another latent in another picture.
 */
export function tone(b: GraphBuilder, x: Value): Value {
  const channels = x.shape[1]!;
  const mean = spatialMean(b, x);
  const off = sub(b, x, mean);
  const variance = add(b, spatialMean(b, mul(b, off, off)), b.floats([EPSILON], [], x.type));
  const deviation = b.op('Sqrt', [variance], variance.shape);
  const statistics = reshape(b, concat(b, [mean, deviation], 1), [1, 2 * channels]);
  const told = linear(b, relu(b, linear(b, statistics, 'tone.fc0')), 'tone.fc1');
  const parts = splitSizes(b, reshape(b, told, [1, 2 * channels, 1, 1]), 1, [channels, channels]);
  const [gain, shift] = parts as [Value, Value];
  return add(b, add(b, x, mul(b, x, gain)), shift);
}

/** [1, C, h, w] -> [1, C, 1, 1]. */
function spatialMean(b: GraphBuilder, x: Value): Value {
  const axes = b.integers([2, 3]);
  return b.op('ReduceMean', [x, axes], [1, x.shape[1]!, 1, 1], {
    attributes: { keepdims: 1 },
  });
}
