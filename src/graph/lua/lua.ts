import { GraphBuilder } from '../onnx/graph-builder';
import { conv } from '../onnx/ops';
import type { BuiltGraph, LuaConfig, Precision, WeightsFile } from '../types';
import { finishResidual, refuseOtherScales } from './finish-residual';
import { luaTable } from './lua-config';
import { luaHead } from './lua-head';
import { swinTrunk } from './swin-trunk';
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
  const features = swinTrunk(b, conv(b, padded, 'conv_first'), config);
  const residual = luaHead(b, features, config, scale);
  return b.finish(finishResidual(b, residual, input, config, scale), `lua-x${scale}`);
}
