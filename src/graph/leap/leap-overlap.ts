import { exactly, type Overlap } from '../overlap';
import type { NetworkPart, WeightsFile } from '../types';
import { readLeapDecoderConfig, readLeapEncoderConfig } from './leap-config';
import { readLeapLuaConfig } from './leap-lua-config';

/** Each 3x3 convolution of a block sees one position further. */
const BLOCK_REACH = 3;

/** Null for a whole decoder with a tone: it sees statistics of the whole latent. */
export function leapDecoderOverlap(files: WeightsFile[], part: NetworkPart): Overlap | null {
  const { toned, blocks } = readLeapDecoderConfig(files);
  if (toned && part === 'whole') return null;
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = Math.ceil((reach + BLOCK_REACH * count) / 2);
  return exactly(reach + BLOCK_REACH * blocks[0]! + 1);
}

/**
 * Stride 2 with kernel 2 sees no further than its pair; kernel 6 with padding 2 sees 2i - 2 to 2i + 3. Null for a whole
 * encoder with a tone: it sees statistics of the whole latent.
 */
export function leapEncoderOverlap(files: WeightsFile[], part: NetworkPart): Overlap | null {
  const { toned, blocks } = readLeapEncoderConfig(files);
  if (toned && part === 'whole') return null;
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = 2 * (reach + BLOCK_REACH * count);
  return exactly(Math.ceil((2 * (reach + BLOCK_REACH * blocks[0]!) + 2) / 8));
}

/**
 * Two windows leave little of what its convolutions and windows pass on: see docs/engine.md. Null for the whole of one
 * with a tone, and for its part `latent`: they see statistics of the whole latent.
 */
export function leapLuaOverlap(files: WeightsFile[], part: NetworkPart): Overlap | null {
  const { window_size: window, toned } = readLeapLuaConfig(files);
  if (toned && part !== 'pixels') return null;
  return { halo: 2 * window, fade: window, align: window };
}
