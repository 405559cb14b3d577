import type { Architecture } from './build-graph';
import { readLeapDecoderConfig, readLeapEncoderConfig } from './leap-config';
import { findTaesdLayout, hasPooledBlocks } from './taesd-layout';
import type { WeightsFile } from './types';

/**
 * How far an autoencoder sees: with this many latent positions of context on each inner side, a tile's own part
 * equals the untiled result. (For an encoder, context of that many positions times 8 pixels.)
 *
 * @returns null where nothing finite is exact: the statistics of the whole picture (FLUX.2's pooled blocks, full
 *   autoencoders), and LUA, whose windows pass information on from group to group
 * @throws LeapError `bad-weights` when the tensors are not those of the architecture
 */
export function decoderHalo(architecture: Architecture, files: WeightsFile[]): number | null {
  switch (architecture) {
    case 'lua':
    case 'kl-decoder':
    case 'kl-encoder':
      return null;
    case 'taesd-decoder':
      return hasPooledBlocks(findTaesdLayout(files, 'decoder')) ? null : taesdDecoderHalo();
    case 'taesd-encoder':
      return hasPooledBlocks(findTaesdLayout(files, 'encoder')) ? null : taesdEncoderHalo();
    case 'leap-decoder':
      return leapDecoderHalo(readLeapDecoderConfig(files).blocks);
    case 'leap-encoder':
      return leapEncoderHalo(readLeapEncoderConfig(files).blocks);
  }
}

/** Each 3x3 convolution of a block sees one pixel further. */
const BLOCK_REACH = 3;

/** From the picture back to the latent; an enlargement halves the reach, rounded up. */
function taesdDecoderHalo(): number {
  let reach = 1 + BLOCK_REACH;
  for (let level = 0; level < 3; level++) reach = Math.ceil((reach + 1) / 2) + 3 * BLOCK_REACH;
  return reach + 1;
}

function leapDecoderHalo(blocks: number[]): number {
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = Math.ceil((reach + BLOCK_REACH * count) / 2);
  return reach + BLOCK_REACH * blocks[0]! + 1;
}

/** A 3x3 convolution of stride 2 at position i sees 2i - 1 to 2i + 1: one more on the near side. */
function taesdEncoderHalo(): number {
  let reach = 1;
  for (let level = 0; level < 3; level++) reach = 2 * (reach + 3 * BLOCK_REACH) + 1;
  return Math.ceil((reach + BLOCK_REACH + 1) / 8);
}

/** Stride 2 with kernel 2 sees no further than its pair; kernel 6 with padding 2 sees 2i - 2 to 2i + 3. */
function leapEncoderHalo(blocks: number[]): number {
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = 2 * (reach + BLOCK_REACH * count);
  return Math.ceil((2 * (reach + BLOCK_REACH * blocks[0]!) + 2) / 8);
}
