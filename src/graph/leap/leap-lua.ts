import { finishResidual, refuseOtherScales } from '../lua/finish-residual';
import { swinGroups, toPicture, toTokens } from '../lua/swin-groups';
import { padByReflection } from '../lua/windows';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { conv, pixelShuffle, relu, softClamp } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import type { BuiltGraph, LeapLuaConfig, UpscalerOptions } from '../types';
import { readLeapLuaConfig } from './leap-lua-config';
import { residualBlocks } from './residual-blocks';

/**
 * Our own LUA: model-space latent [1, C, h, w] to [1, C, scale h, scale w].
 *
 * The first two stages of our decoder, with Swin groups between them and a head for each scale after them;
 * training/leap/networks/leap_lua.py.
 *
 * @throws LeapError `bad-option` for a scale without a head, `bad-weights` for missing or misshapen tensors
 */
export function buildLeapLua(options: UpscalerOptions): BuiltGraph {
  const { weights, scale, height, width, precision } = options;
  const config = readLeapLuaConfig(weights);
  refuseOtherScales(config, scale);
  const b = new GraphBuilder(new WeightsTable(weights), precision);
  const input = b.input([1, config.in_chans, height, width]);
  const padded = padByReflection(b, b.cast(input, b.computeType), config.window_size);
  let x = conv(b, softClamp(b, padded, config.clamp), 'conv_first');
  x = attend(b, residualBlocks(b, x, 'stem.', config.stem), config);
  x = pixelShuffle(b, conv(b, x, 'up'), 2);
  x = residualBlocks(b, x, 'middle.', config.middle);
  const head = `heads.x${scale}.`;
  if (scale === 4) x = pixelShuffle(b, conv(b, x, `${head}up`), 2);
  x = residualBlocks(b, x, `${head}blocks.`, config.tail);
  const residual = conv(b, relu(b, x), `${head}conv_last`);
  return b.finish(finishResidual(b, residual, input, config, scale), `leap-lua-x${scale}`);
}

/** The Swin groups, on features [1, E, H, W]. */
function attend(b: GraphBuilder, x: Value, { depths, heads, window_size: window }: LeapLuaConfig): Value {
  const [, , height = 0, width = 0] = x.shape;
  const tokens = swinGroups(b, toTokens(b, x), { grid: { height, width, window }, depths, heads });
  return toPicture(b, tokens, height, width);
}
