import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { addBranches, conv, layerNorm } from '../onnx/ops';
import { swinGroups, toPicture, toTokens } from './swin-groups';

/** SwinIR's trunk: conv_first's output [1, E, H, W], sides multiples of the window, to the head's input, as large. */
export function swinTrunk(
  b: GraphBuilder,
  first: Value,
  {
    window_size: window,
    depths,
    num_heads: heads,
  }: { window_size: number; depths: number[]; num_heads: number[] },
): Value {
  const [, , height = 0, width = 0] = first.shape;
  const grid = { height, width, window };
  return trunkEnd(b, swinGroups(b, trunkStart(b, first), { grid, depths, heads }), first);
}

/** What the first group takes: tokens [H W, E], row by row. */
export function trunkStart(b: GraphBuilder, first: Value): Value {
  const tokens = toTokens(b, first);
  return b.hasWeight('patch_embed.norm.weight') ? layerNorm(b, tokens, 'patch_embed.norm') : tokens;
}

/** @param tokens what the last group gives @param first what the trunk began with, as large as its result */
export function trunkEnd(b: GraphBuilder, tokens: Value, first: Value): Value {
  const [, , height = 0, width = 0] = first.shape;
  const normed = toPicture(b, layerNorm(b, tokens, 'norm'), height, width);
  return addBranches(b, conv(b, normed, 'conv_after_body'), first);
}
