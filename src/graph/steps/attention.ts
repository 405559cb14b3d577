import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import {
  addBranches,
  concat,
  linear,
  matMul,
  reshape,
  softmax,
  splitSizes,
  sub,
  transpose,
} from '../onnx/ops';
import type { BuiltGraph, Precision } from '../types';
import { givenStatistics, type Normalise, type Statistics } from './norm';
import { divisor } from './range';
import type { AttentionKeys, StepList } from './step-list';

/** Scores of the attention in one tensor: 64 MiB in fp32. More are computed in parts of the queries. */
const MAX_SCORES = 2 ** 24;

/** Attention over the whole: x + out(softmax(q k / sqrt(C)) v), one head. */
export function attention(b: GraphBuilder, x: Value, keys: AttentionKeys, norm: Normalise): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const tokens = toTokens(b, norm(b, x, keys.norm));
  const query = linear(b, tokens, keys.query, [channels ** -0.5]);
  const key = transpose(b, linear(b, tokens, keys.key), [1, 0]);
  const value = linear(b, tokens, keys.value);
  const mixed = partsOf(b, query).map((part) => matMul(b, softmax(b, matMul(b, part, key)), value));
  return addProjected(b, x, concat(b, mixed, 0), keys, [1, height, width, channels]);
}

/** The first half of the channels are the features x, the second what the attention made of them, not projected. */
export function joinAttention(b: GraphBuilder, joined: Value, keys: AttentionKeys): Value {
  const [, both = 0, height = 0, width = 0] = joined.shape;
  const channels = both / 2;
  const [x, mixed] = splitSizes(b, joined, 1, [channels, channels]) as [Value, Value];
  return addProjected(b, x, toTokens(b, mixed), keys, [1, height, width, channels]);
}

export interface AttentionPartOptions {
  /** Index of the step that begins with it. */
  step: number;
  /** Positions that look, and positions that are looked at. */
  queries: number;
  keys: number;
  precision: Precision;
  /** Statistics of what it sees. */
  statistics: Statistics;
}

/**
 * A part of an attention, for a whole whose scores do not fit: features [1, C, 1, queries + keys], those of the
 * queries first, to [1, C + 1, 1, queries]: the mixture of the keys' values, and the logarithm of the sum of the
 * exponentials of the scores, by which the results of other keys are weighed against this one.
 */
export function buildAttentionPart(network: StepList, options: AttentionPartOptions): BuiltGraph {
  const { step, queries, keys: keyCount, precision, statistics } = options;
  const keys = attentionOf(network, step)!;
  const b = new GraphBuilder(network.table, precision);
  const channels = b.weightShape(`${keys.norm}.weight`)[0]!;
  const input = b.input([1, channels, 1, queries + keyCount]);
  const norm = givenStatistics(network.norm, new Map([[keys.norm, statistics]]));
  const normal = toTokens(b, norm(b, b.cast(input, b.computeType), keys.norm));
  const [looking, seen] = splitSizes(b, normal, 0, [queries, keyCount]) as [Value, Value];
  const query = linear(b, looking, keys.query, [channels ** -0.5]);
  const scores = matMul(b, query, transpose(b, linear(b, seen, keys.key), [1, 0]));
  const wide = b.cast(scores, ElementType.float32);
  const shares = softmax(b, wide);
  const mixed = matMul(b, b.cast(shares, b.computeType), linear(b, seen, keys.value));
  // The largest share is 1 / the sum of the exponentials of what the scores lie below the largest.
  const largest = greatest(b, shares);
  const weight = sub(b, greatest(b, wide), b.op('Log', [largest], largest.shape));
  const both = transpose(b, concat(b, [b.cast(mixed, ElementType.float32), weight], 1), [1, 0]);
  return b.finish(reshape(b, both, [1, channels + 1, 1, queries]), `${network.name} attention ${step}`);
}

/** The attention that a step begins with. */
export function attentionOf({ steps }: StepList, step: number): AttentionKeys | undefined {
  const before = steps[step]?.before;
  return before?.kind === 'attention' ? before.keys : undefined;
}

/** Over the last axis, which stays with length 1. */
function greatest(b: GraphBuilder, x: Value): Value {
  return b.op('ReduceMax', [x, b.integers([-1])], x.shape.with(-1, 1), { attributes: { keepdims: 1 } });
}

/** [1, C, H, W] to [H W, C]. */
function toTokens(b: GraphBuilder, x: Value): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  return reshape(b, transpose(b, x, [0, 2, 3, 1]), [height * width, channels]);
}

/** x + out(mixed), back in the divided range. @param shape [1, H, W, C] of the tokens */
function addProjected(b: GraphBuilder, x: Value, mixed: Value, keys: AttentionKeys, shape: number[]): Value {
  const out = reshape(b, linear(b, mixed, keys.out, [1 / divisor(b.precision)]), shape);
  return addBranches(b, x, transpose(b, out, [0, 3, 1, 2]));
}

/** Queries [N, C] in parts so small that a part's scores stay under the limit. */
function partsOf(b: GraphBuilder, query: Value): Value[] {
  const positions = query.shape[0]!;
  const rows = Math.max(1, Math.floor(MAX_SCORES / positions));
  const sizes = Array.from({ length: Math.ceil(positions / rows) }, (_, i) =>
    Math.min(rows, positions - i * rows),
  );
  return splitSizes(b, query, 0, sizes);
}
