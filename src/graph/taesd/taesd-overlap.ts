import { exactly, type Overlap } from '../overlap';
import type { NetworkPart, WeightsFile } from '../types';
import { findTaesdLayout, hasPooledBlocks } from './taesd-layout';

/** Each 3x3 convolution of a block sees one pixel further. */
const BLOCK_REACH = 3;

/**
 * From the picture back to the latent; an enlargement halves the reach, rounded up. Null for a whole decoder with
 * pooled blocks, which see everything.
 */
export function taesdDecoderOverlap(files: WeightsFile[], part: NetworkPart): Overlap | null {
  let reach = 1 + BLOCK_REACH;
  for (const blocks of [3, 3, 0]) reach = Math.ceil((reach + 1) / 2) + blocks * BLOCK_REACH;
  if (part === 'pixels') return exactly(reach);
  return hasPooledBlocks(findTaesdLayout(files, 'decoder')) ? null : exactly(reach + 3 * BLOCK_REACH + 1);
}

/** Null for a whole encoder with pooled blocks. */
export function taesdEncoderOverlap(files: WeightsFile[], part: NetworkPart): Overlap | null {
  if (part === 'pixels') return exactly(encoderHalo(0));
  return hasPooledBlocks(findTaesdLayout(files, 'encoder'))
    ? null
    : exactly(encoderHalo(1 + 3 * BLOCK_REACH));
}

/**
 * A 3x3 convolution of stride 2 at position i sees 2i - 1 to 2i + 1: one more on the near side.
 *
 * @param latentReach of the layers at the latent's resolution
 */
function encoderHalo(latentReach: number): number {
  let reach = latentReach;
  for (const blocks of [3, 3, 1]) reach = 2 * reach + 1 + blocks * BLOCK_REACH;
  return Math.ceil((reach + 1) / 8);
}
