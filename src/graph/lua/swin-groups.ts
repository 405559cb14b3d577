import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { addBranches, conv, reshape, transpose } from '../onnx/ops';
import { swinBlock } from './swin-block';
import { reorder, shiftMask, type TokenOrder, type WindowGrid } from './windows';

export interface SwinGroupsOptions {
  grid: WindowGrid;
  /** Blocks of each group; every second one is shifted by half a window. */
  depths: number[];
  /** Attention heads of each group. */
  heads: number[];
  /** The groups from this one to before that one; all of them by default. */
  range?: { from: number; to: number };
}

/**
 * The residual Swin groups `layers.i`: each adds to its input what its blocks and a 3x3 convolution make of it.
 *
 * @param tokens [T, E] row by row, as is the result
 */
export function swinGroups(
  b: GraphBuilder,
  tokens: Value,
  { grid, depths, heads, range = { from: 0, to: depths.length } }: SwinGroupsOptions,
): Value {
  const { height, width, window } = grid;
  const shift = Math.floor(window / 2);
  const mask = depths.some((depth) => depth > 1) ? shiftMask(b, grid, shift) : undefined;
  let start = tokens;
  for (let i = range.from; i < range.to; i++) {
    let inner = start;
    let order: TokenOrder = 'raster';
    for (let j = 0; j < depths[i]!; j++) {
      const shifted = j % 2 === 1;
      const next: TokenOrder = { shift: shifted ? shift : 0 };
      inner = reorder(b, inner, grid, order, next);
      inner = swinBlock(b, inner, {
        key: `layers.${i}.residual_group.blocks.${j}`,
        heads: heads[i]!,
        window,
        mask: shifted ? mask : undefined,
      });
      order = next;
    }
    const picture = toPicture(b, reorder(b, inner, grid, order, 'raster'), height, width);
    start = addBranches(b, start, toTokens(b, conv(b, picture, `layers.${i}.conv`)));
  }
  return start;
}

/** [1, E, H, W] -> [H W, E], row by row. */
export function toTokens(b: GraphBuilder, picture: Value): Value {
  const [, embed = 0, height = 0, width = 0] = picture.shape;
  return reshape(b, transpose(b, picture, [0, 2, 3, 1]), [height * width, embed]);
}

/** [H W, E] -> [1, E, H, W]. */
export function toPicture(b: GraphBuilder, tokens: Value, height: number, width: number): Value {
  return transpose(b, reshape(b, tokens, [1, height, width, tokens.shape[1]!]), [0, 3, 1, 2]);
}
