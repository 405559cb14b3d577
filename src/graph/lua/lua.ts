import { LeapError } from '../../errors';
import { bicubicUp } from '../bicubic';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, conv, crop, layerNorm, reshape, softClamp, transpose } from '../onnx/ops';
import type { BuiltGraph, LuaConfig, Precision, WeightsFile } from '../types';
import { luaTable } from './lua-config';
import { luaHead } from './lua-head';
import { swinBlock } from './swin-block';
import { padByReflection, reorder, shiftMask, type TokenOrder, type WindowGrid } from './windows';

export interface LuaOptions {
  config: LuaConfig;
  weights: WeightsFile[];
  scale: number;
  /** Latent positions; any size, padded inside to a multiple of the window. */
  height: number;
  width: number;
  precision: Precision;
}

/**
 * The LUA graph: latent [1, C, h, w] to [1, C, scale h, scale w] in the same space.
 *
 * @throws LeapError `bad-option` for a scale without a head, `bad-weights` for missing or misshapen tensors
 */
export function buildLua(options: LuaOptions): BuiltGraph {
  const { config, scale, height, width } = options;
  if (!config.scales.includes(scale)) {
    throw new LeapError(
      'bad-option',
      `This LUA has no head for x${scale}, only for x${config.scales.join(', x')}.`,
      {
        scale,
        scales: config.scales,
      },
    );
  }
  const b = new GraphBuilder(luaTable(options.weights), options.precision);
  const input = b.input([1, config.in_chans, height, width]);
  const padded = padByReflection(b, b.cast(input, b.computeType), config.window_size);
  const features = trunk(b, conv(b, padded, 'conv_first'), config);
  const enlarged = b.cast(luaHead(b, features, config, scale), ElementType.float32);
  const result = finishResidual(b, crop(b, enlarged, height * scale, width * scale), input, config, scale);
  return b.finish(result, `lua-x${scale}`);
}

/** conv_first's output [1, E, H, W] to the head's input of the same shape. */
function trunk(b: GraphBuilder, first: Value, config: LuaConfig): Value {
  const { window_size: window, embed_dim: embed } = config;
  const grid: WindowGrid = { height: first.shape[2]!, width: first.shape[3]!, window };
  const toTokens = (picture: Value): Value =>
    reshape(b, transpose(b, picture, [0, 2, 3, 1]), [grid.height * grid.width, embed]);
  const toPicture = (tokens: Value): Value =>
    transpose(b, reshape(b, tokens, [1, grid.height, grid.width, embed]), [0, 3, 1, 2]);

  const shift = Math.floor(window / 2);
  const mask = config.depths.some((depth) => depth > 1) ? shiftMask(b, grid, shift) : undefined;
  let tokens = toTokens(first);
  if (b.hasWeight('patch_embed.norm.weight')) tokens = layerNorm(b, tokens, 'patch_embed.norm');
  config.depths.forEach((depth, i) => {
    const start = tokens;
    let order: TokenOrder = 'raster';
    for (let j = 0; j < depth; j++) {
      const shifted = j % 2 === 1;
      const next: TokenOrder = { shift: shifted ? shift : 0 };
      tokens = reorder(b, tokens, grid, order, next);
      tokens = swinBlock(b, tokens, {
        key: `layers.${i}.residual_group.blocks.${j}`,
        heads: config.num_heads[i]!,
        window,
        mask: shifted ? mask : undefined,
      });
      order = next;
    }
    const picture = toPicture(reorder(b, tokens, grid, order, 'raster'));
    tokens = add(b, start, toTokens(conv(b, picture, `layers.${i}.conv`)));
  });
  return add(b, conv(b, toPicture(layerNorm(b, tokens, 'norm')), 'conv_after_body'), first);
}

/** Bounds the residual and adds the bicubic skip, both in fp32, as the configuration says. */
function finishResidual(
  b: GraphBuilder,
  residual: Value,
  input: Value,
  config: LuaConfig,
  scale: number,
): Value {
  const bound = config.residual_bound;
  const bounded = bound === null ? residual : softClamp(b, residual, bound);
  return config.skip === 'bicubic' ? add(b, bicubicUp(b, input, scale), bounded) : bounded;
}
