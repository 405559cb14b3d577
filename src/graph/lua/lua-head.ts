import { LeapError } from '../../errors';
import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { addBranches, conv, leakyRelu, pixelShuffle } from '../onnx/ops';
import type { LuaConfig } from '../types';

/** The slope of every LeakyReLU of the heads, PyTorch's default. */
const SLOPE = 0.01;

/** Features [1, E, H, W] to the enlarged latent [1, C, scale H, scale W], before bound and skip. */
export function luaHead(b: GraphBuilder, features: Value, config: LuaConfig, scale: number): Value {
  if (config.upsampler === 'pixelshuffledirect') {
    return pixelShuffle(b, conv(b, features, 'upsample.0'), scale);
  }
  const multihead = config.upsampler === 'multihead';
  const prefix = multihead ? `heads.x${scale}.` : '';
  const before = `${prefix}${multihead ? 'conv_before' : 'conv_before_upsample'}.0`;
  let x = leakyRelu(b, conv(b, features, before), SLOPE);
  shuffleFactors(scale).forEach((factor, level) => {
    x = pixelShuffle(b, conv(b, x, `${prefix}upsample.${2 * level}`), factor);
    for (let block = 0; block < config.refine; block++) {
      x = refineBlock(b, x, `${prefix}refine.${level}.${block}`);
    }
  });
  return conv(b, x, `${prefix}conv_last`);
}

/** h + conv2(LeakyReLU(conv1(h))). */
function refineBlock(b: GraphBuilder, h: Value, key: string): Value {
  return addBranches(b, h, conv(b, leakyRelu(b, conv(b, h, `${key}.conv1`), SLOPE), `${key}.conv2`));
}

/** The pixel-shuffles that make up a scale, as BasicSR's Upsample: doublings, or one tripling. */
function shuffleFactors(scale: number): number[] {
  if (scale === 3) return [3];
  const doublings = Math.log2(scale);
  if (!Number.isInteger(doublings) || doublings < 1) {
    throw new LeapError('bad-weights', `No pixel-shuffle head is known for a scale of ${scale}.`, { scale });
  }
  return Array.from({ length: doublings }, () => 2);
}
