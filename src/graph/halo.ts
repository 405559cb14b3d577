import { readLeapDecoderConfig, readLeapEncoderConfig } from './leap/leap-config';
import type { TaesdPiece } from './taesd/taesd';
import { findTaesdLayout, hasPooledBlocks } from './taesd/taesd-layout';
import type { Architecture, WeightsFile } from './types';

/**
 * How far an autoencoder sees: with this many latent positions of context on each inner side, a tile's own part
 * equals the untiled result. (For an encoder, context of that many positions times 8 pixels.)
 *
 * @param piece of a tiny autoencoder; `latent` is for whole pictures and has none
 * @returns null where nothing finite is exact: the statistics of the whole picture (FLUX.2's pooled blocks and our
 *   tone, full autoencoders), and LUA, whose windows pass information on from group to group
 * @throws LeapError `bad-weights` when the tensors are not those of the architecture
 */
export function decoderHalo(
  architecture: Architecture,
  files: WeightsFile[],
  piece: TaesdPiece = 'whole',
): number | null {
  switch (architecture) {
    case 'lua':
    case 'kl-decoder':
    case 'kl-encoder':
      return null;
    case 'taesd-decoder':
      if (piece === 'pixels') return taesdDecoderHalo().pixels;
      return hasPooledBlocks(findTaesdLayout(files, 'decoder')) ? null : taesdDecoderHalo().whole;
    case 'taesd-encoder':
      if (piece === 'pixels') return taesdEncoderHalo(0);
      return hasPooledBlocks(findTaesdLayout(files, 'encoder'))
        ? null
        : taesdEncoderHalo(1 + 3 * BLOCK_REACH);
    case 'leap-decoder': {
      const { toned, blocks } = readLeapDecoderConfig(files);
      return toned && piece === 'whole' ? null : leapDecoderHalo(blocks);
    }
    case 'leap-encoder':
      return leapEncoderHalo(readLeapEncoderConfig(files).blocks);
  }
}

/** Each 3x3 convolution of a block sees one pixel further. */
const BLOCK_REACH = 3;

/** From the picture back to the latent; an enlargement halves the reach, rounded up. */
function taesdDecoderHalo(): { pixels: number; whole: number } {
  let reach = 1 + BLOCK_REACH;
  for (const blocks of [3, 3, 0]) reach = Math.ceil((reach + 1) / 2) + blocks * BLOCK_REACH;
  return { pixels: reach, whole: reach + 3 * BLOCK_REACH + 1 };
}

function leapDecoderHalo(blocks: number[]): number {
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = Math.ceil((reach + BLOCK_REACH * count) / 2);
  return reach + BLOCK_REACH * blocks[0]! + 1;
}

/**
 * A 3x3 convolution of stride 2 at position i sees 2i - 1 to 2i + 1: one more on the near side.
 *
 * @param latentReach of the layers at the latent's resolution
 */
function taesdEncoderHalo(latentReach: number): number {
  let reach = latentReach;
  for (const blocks of [3, 3, 1]) reach = 2 * reach + 1 + blocks * BLOCK_REACH;
  return Math.ceil((reach + 1) / 8);
}

/** Stride 2 with kernel 2 sees no further than its pair; kernel 6 with padding 2 sees 2i - 2 to 2i + 3. */
function leapEncoderHalo(blocks: number[]): number {
  let reach = 1;
  for (const count of blocks.toReversed().slice(0, -1)) reach = 2 * (reach + BLOCK_REACH * count);
  return Math.ceil((2 * (reach + BLOCK_REACH * blocks[0]!) + 2) / 8);
}
