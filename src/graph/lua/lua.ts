import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { addBranches, conv, layerNorm } from '../onnx/ops';
import type { BuiltGraph, LuaConfig, Precision, WeightsFile } from '../types';
import { finishResidual, refuseOtherScales } from './finish-residual';
import { luaTable } from './lua-config';
import { luaHead } from './lua-head';
import { swinGroups, toPicture, toTokens } from './swin-groups';
import { padByReflection } from './windows';

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
  refuseOtherScales(config, scale);
  const b = new GraphBuilder(luaTable(options.weights), options.precision);
  const input = b.input([1, config.in_chans, height, width]);
  const padded = padByReflection(b, b.cast(input, b.computeType), config.window_size);
  const features = trunk(b, conv(b, padded, 'conv_first'), config);
  const residual = luaHead(b, features, config, scale);
  return b.finish(finishResidual(b, residual, input, config, scale), `lua-x${scale}`);
}

/** conv_first's output [1, E, H, W] to the head's input of the same shape. */
function trunk(b: GraphBuilder, first: Value, config: LuaConfig): Value {
  let tokens = toTokens(b, first);
  if (b.hasWeight('patch_embed.norm.weight')) tokens = layerNorm(b, tokens, 'patch_embed.norm');
  const [, , height = 0, width = 0] = first.shape;
  tokens = swinGroups(b, tokens, {
    grid: { height, width, window: config.window_size },
    depths: config.depths,
    heads: config.num_heads,
  });
  const normed = toPicture(b, layerNorm(b, tokens, 'norm'), height, width);
  return addBranches(b, conv(b, normed, 'conv_after_body'), first);
}
