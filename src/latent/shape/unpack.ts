import type { Layout } from '../types';

/** What the axes of a tensor mean. Sizes are in latent positions, and not yet known for packed tokens. */
export interface Reading {
  layout: Layout;
  items: number;
  /** Unpacked channels C. */
  channels: number;
  height: number;
  width: number;
  /** Tokens per item of a packed tensor, 0 otherwise; height and width are 0 until they are known. */
  tokens: number;
}

/**
 * One item of a batch as [C, H, W].
 *
 * Packed FLUX tokens and FLUX.2's patchified channels number a 2x2 patch in the same way: channel c*4 + dy*2 + dx holds
 * channel c at (2y + dy, 2x + dx). Sources: diffusers `FluxPipeline._unpack_latents` and
 * `Flux2Pipeline._unpatchify_latents`; ComfyUI `latent_formats.Flux2.latent_rgb_factors_reshape`.
 *
 * @param data the whole tensor, C order; a single unpacked item is returned as it is, not copied
 */
export function unpackItem(data: Float32Array, reading: Reading, item: number): Float32Array {
  const { channels, height, width, layout } = reading;
  const size = channels * height * width;
  const source = data.subarray(item * size, (item + 1) * size);
  if (layout === 'unpacked') return reading.items === 1 ? data : source.slice();
  // Steps in the source: from one patch to the next, and from one file channel to the next.
  const patches = (height / 2) * (width / 2);
  const [patchStep, channelStep] = layout === 'packed' ? [channels * 4, 1] : [1, patches];
  const unpacked = new Float32Array(size);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const patch = (y >> 1) * (width / 2) + (x >> 1);
        unpacked[at++] = source[patch * patchStep + (c * 4 + (y & 1) * 2 + (x & 1)) * channelStep]!;
      }
    }
  }
  return unpacked;
}

/** The inverse of {@link unpackItem} for one item: [C, H, W] -> packed [N, 4C] or patchified [4C, H/2, W/2]. */
export function packItem(
  data: Float32Array,
  dims: readonly [number, number, number],
  layout: 'packed' | 'patchified',
): Float32Array {
  const [channels, height, width] = dims;
  const patches = (height / 2) * (width / 2);
  const [patchStep, channelStep] = layout === 'packed' ? [channels * 4, 1] : [1, patches];
  const packed = new Float32Array(data.length);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const patch = (y >> 1) * (width / 2) + (x >> 1);
        packed[patch * patchStep + (c * 4 + (y & 1) * 2 + (x & 1)) * channelStep] = data[at++]!;
      }
    }
  }
  return packed;
}
