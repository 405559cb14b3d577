import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { addBranches, type ConvOptions, conv, silu } from '../onnx/ops';
import type { Normalise } from './kl-norm';
import { divisor } from './kl-range';

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

/** conv1(act(norm1(x))): the first half of a resnet's inside. */
export function resnetStart(b: GraphBuilder, x: Value, key: string, norm: Normalise): Value {
  return convIn(b, normAndActivate(b, x, `${key}.norm1`, norm), `${key}.conv1`);
}

/** conv2(act(norm2(inner))) + shortcut(x): the second half. */
export function resnetEnd(
  b: GraphBuilder,
  x: Value,
  inner: Value,
  key: string,
  { shortcut, norm }: { shortcut: string; norm: Normalise },
): Value {
  const outer = convIn(b, normAndActivate(b, inner, `${key}.norm2`, norm), `${key}.conv2`);
  const hasShortcut = b.hasWeight(`${key}.${shortcut}.weight`);
  return addBranches(b, hasShortcut ? convWithin(b, x, `${key}.${shortcut}`) : x, outer);
}
