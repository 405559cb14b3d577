import { GraphBuilder, type Value } from './onnx/graph-builder';
import { add, gelu, leakyRelu, matMul, pixelShuffle, reshape, softmax, transpose } from './onnx/ops';
import { WeightsTable } from './onnx/weights-table';
import { enlarge } from './resample';
import type { BuiltGraph, Precision } from './types';

/** Sizes and numbers of the check graph, for whoever works out its answer by other means. */
export const CHECK = {
  channels: 4,
  height: 6,
  width: 5,
  features: 8,
  /** Channels of the result: the shuffled features, then the enlarged input. */
  outputs: 6,
  scale: 2,
  leak: 0.01,
  epsilon: 1e-5,
  convWeight: wave(8 * 4 * 9, 1, 0.4),
  convBias: wave(8, 2, 0.2),
  normWeight: wave(8, 3, 0.5).map((value) => 1 + value),
  normBias: wave(8, 4, 0.3),
  project: wave(8 * 8, 5, 0.6),
} as const;

/** The input that goes with {@link CHECK}: [4, 6, 5]. */
export function checkInput(): number[] {
  return wave(CHECK.channels * CHECK.height * CHECK.width, 6, 2);
}

/** Numbers that look irregular, and are the same everywhere to the last bit that matters. */
function wave(count: number, seed: number, amplitude: number): number[] {
  return Array.from({ length: count }, (_, i) => amplitude * Math.sin(seed + i * 1.7 + Math.sin(i)));
}

/**
 * A small graph of everything that the networks do and that backends have got wrong: convolution, layer
 * normalisation, attention, GELU, pixel shuffle, cubic resize. It needs no weights file.
 */
export function buildCheckGraph(precision: Precision): BuiltGraph {
  const { channels, height, width, features } = CHECK;
  const b = new GraphBuilder(new WeightsTable([]), precision);
  const input = b.input([1, channels, height, width]);

  const weight = b.floats([...CHECK.convWeight], [features, channels, 3, 3]);
  const bias = b.floats([...CHECK.convBias], [features]);
  const convolved = b.op('Conv', [b.cast(input, b.computeType), weight, bias], [1, features, height, width], {
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  });
  const picture = leakyRelu(b, convolved, CHECK.leak);
  const tokens = reshape(b, transpose(b, picture, [0, 2, 3, 1]), [height * width, features]);
  const mixed = add(b, tokens, attention(b, tokens));
  const back = transpose(b, reshape(b, gelu(b, mixed), [1, height, width, features]), [0, 3, 1, 2]);
  const shuffled = b.cast(pixelShuffle(b, back, CHECK.scale), input.type);

  const shape = [1, CHECK.outputs, height * CHECK.scale, width * CHECK.scale];
  const result = b.op('Concat', [shuffled, enlarge(b, input, CHECK.scale, 'bicubic')], shape, {
    attributes: { axis: 1 },
  });
  return b.finish(result, 'check');
}

/** softmax(n W n^T / sqrt(E)) n with n = LayerNorm(tokens). */
function attention(b: GraphBuilder, tokens: Value): Value {
  const { features, epsilon } = CHECK;
  const scale = b.floats([...CHECK.normWeight], [features]);
  const shift = b.floats([...CHECK.normBias], [features]);
  const normed = b.op('LayerNormalization', [tokens, scale, shift], tokens.shape, {
    attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
  });
  const project = b.floats(
    CHECK.project.map((value) => value / Math.sqrt(features)),
    [features, features],
  );
  const scores = matMul(b, matMul(b, normed, project), transpose(b, normed, [1, 0]));
  return matMul(b, softmax(b, scores), normed);
}
