import { finishResidual, refuseOtherScales } from '../lua/finish-residual';
import { swinGroups, toPicture, toTokens } from '../lua/swin-groups';
import { padByReflection } from '../lua/windows';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { concat, conv, pixelShuffle, relu, softClamp, splitSizes } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import type { BuiltGraph, LeapLuaConfig, NetworkPart, UpscalerOptions } from '../types';
import { readLeapLuaConfig } from './leap-lua-config';
import { residualBlocks } from './residual-blocks';
import { tone } from './tone';

/**
 * Our own LUA: model-space latent [1, C, h, w] to [1, C, scale h, scale w].
 *
 * The first two levels of our decoder, with Swin groups between them and a head for each scale after them;
 * training/leap/networks/leap_lua.py.
 *
 * Where the weights have a tone (FLUX.2), statistics of the whole latent are put in first: run the part `latent`,
 * [1, C, h, w] to the latent with what the first convolution takes behind it [1, 2 C, h, w] (fp32), on the whole of it
 * and `pixels` in tiles of that.
 *
 * @throws LeapError `bad-option` for a scale without a head, `bad-weights` for missing or misshapen tensors
 */
export function buildLeapLua(options: UpscalerOptions & { part?: NetworkPart }): BuiltGraph {
  const { weights, scale, height, width, precision, part = 'whole' } = options;
  const config = readLeapLuaConfig(weights);
  refuseOtherScales(config, scale);
  const b = new GraphBuilder(new WeightsTable(weights), precision);
  const channels = config.in_chans;
  const input = b.input([1, part === 'pixels' ? 2 * channels : channels, height, width]);
  const [latent, entering] =
    part === 'pixels'
      ? (splitSizes(b, input, 1, [channels, channels]) as [Value, Value])
      : [input, enter(b, input, config)];
  if (part === 'latent') return b.finish(concat(b, [latent, entering], 1), 'leap-lua latent');
  const padded = padByReflection(b, b.cast(entering, b.computeType), config.window_size);
  let x = conv(b, padded, 'conv_first');
  x = attend(b, residualBlocks(b, x, 'stem.', config.stem), config);
  x = pixelShuffle(b, conv(b, x, 'up'), 2);
  x = residualBlocks(b, x, 'middle.', config.middle);
  const head = `heads.x${scale}.`;
  if (scale === 4) x = pixelShuffle(b, conv(b, x, `${head}up`), 2);
  x = residualBlocks(b, x, `${head}blocks.`, config.tail);
  const residual = conv(b, relu(b, x), `${head}conv_last`);
  return b.finish(finishResidual(b, residual, latent, config, scale), `leap-lua-x${scale}`);
}

/** What the first convolution takes. A tone's statistics are sums over the whole latent, too long for fp16. */
function enter(b: GraphBuilder, latent: Value, { clamp, toned }: LeapLuaConfig): Value {
  if (!toned) return softClamp(b, b.cast(latent, b.computeType), clamp);
  return tone(b, softClamp(b, latent, clamp));
}

/** The Swin groups, on features [1, E, H, W]. */
function attend(b: GraphBuilder, x: Value, { depths, heads, window_size: window }: LeapLuaConfig): Value {
  const [, , height = 0, width = 0] = x.shape;
  const tokens = swinGroups(b, toTokens(b, x), { grid: { height, width, window }, depths, heads });
  return toPicture(b, tokens, height, width);
}
