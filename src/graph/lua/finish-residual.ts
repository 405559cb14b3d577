import { LeapError } from '../../errors';
import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, crop, softClamp } from '../onnx/ops';
import { enlarge } from '../resample';
import type { LuaEnds } from '../types';

/**
 * The last steps of a LUA, in fp32: crops the padding away, bounds the residual and adds the bicubic skip, as the
 * configuration says.
 *
 * @param residual what the head gives, [1, C, scale H', scale W'], of the padded input
 * @param input the latent, [1, C, H, W]
 * @returns float32 [1, C, scale H, scale W]
 */
export function finishResidual(
  b: GraphBuilder,
  residual: Value,
  input: Value,
  { skip, residual_bound: bound }: LuaEnds,
  scale: number,
): Value {
  const [, , height = 0, width = 0] = input.shape;
  const cropped = crop(b, b.cast(residual, ElementType.float32), height * scale, width * scale);
  const bounded = bound === null ? cropped : softClamp(b, cropped, bound);
  return skip === 'bicubic' ? add(b, enlarge(b, input, scale, 'bicubic'), bounded) : bounded;
}

/** @throws LeapError `bad-option` for a scale without a head */
export function refuseOtherScales({ scales }: { scales: number[] }, scale: number): void {
  if (scales.includes(scale)) return;
  throw new LeapError('bad-option', `This LUA has no head for x${scale}, only for x${scales.join(', x')}.`, {
    scale,
    scales,
  });
}
