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
  let tokens = toTokens(b, first);
  if (b.hasWeight('patch_embed.norm.weight')) tokens = layerNorm(b, tokens, 'patch_embed.norm');
  const [, , height = 0, width = 0] = first.shape;
  tokens = swinGroups(b, tokens, { grid: { height, width, window }, depths, heads });
  const normed = toPicture(b, layerNorm(b, tokens, 'norm'), height, width);
  return addBranches(b, conv(b, normed, 'conv_after_body'), first);
}
