import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { add, addBranches, type ConvOptions, conv, linear, reshape, silu } from '../onnx/ops';
import type { Normalise } from './norm';
import { divisor } from './range';
import type { ResnetKeys } from './step-list';

/** A convolution from what is of normal size (an input, or a normalised tensor) into the divided range. */
export function convIn(b: GraphBuilder, x: Value, key: string): Value {
  const scale = 1 / divisor(b.precision);
  return conv(b, x, key, { weightScale: scale, biasScale: scale });
}

/** A convolution inside the divided range. */
export function convWithin(b: GraphBuilder, x: Value, key: string, options: ConvOptions = {}): Value {
  return conv(b, x, key, { ...options, biasScale: 1 / divisor(b.precision) });
}

/** GroupNorm and SiLU: from the divided range to normal size. */
export function normAndActivate(b: GraphBuilder, x: Value, key: string, norm: Normalise): Value {
  return silu(b, norm(b, x, key));
}

/** conv(act(norm(x))) + shift: the first half of a residual block's inside. @param embedding makes the shift */
export function resnetStart(
  b: GraphBuilder,
  x: Value,
  { norms, convs, shift }: ResnetKeys,
  { norm, embedding }: { norm: Normalise; embedding: Value | undefined },
): Value {
  const inner = convIn(b, normAndActivate(b, x, norms[0], norm), convs[0]);
  if (!shift || !embedding) return inner;
  const told = linear(b, embedding, shift, [1 / divisor(b.precision)]);
  return add(b, inner, reshape(b, b.cast(told, b.computeType), [1, inner.shape[1]!, 1, 1]));
}

/** conv(act(norm(inner))) + shortcut(x): the second half. */
export function resnetEnd(
  b: GraphBuilder,
  x: Value,
  inner: Value,
  { norms, convs, shortcut }: ResnetKeys,
  norm: Normalise,
): Value {
  const outer = convIn(b, normAndActivate(b, inner, norms[1], norm), convs[1]);
  return addBranches(b, b.hasWeight(`${shortcut}.weight`) ? convWithin(b, x, shortcut) : x, outer);
}
