import { makeProvenance } from '../../latent';
import type { Latent } from '../../latent/types';
import type { EngineEncodeOptions } from '../api';
import type { Retryable } from '../fallback/recovery';
import type { Network } from '../network';
import type { SplitProgress } from '../split/split-progress';
import type { Picture } from '../types';

/** In pixels. Larger tiles gain nothing, and progress and cancelling have to wait for the end of a tile. */
const LARGEST_TILE = 1024;

/** A picture to be encoded. */
export class EncodeJob implements Retryable {
  readonly picture: Picture;
  readonly network: Network;
  readonly options: EngineEncodeOptions;
  /** The progress of an encoder that runs in pieces. */
  split: SplitProgress | undefined;
  /** Largest tile edge in pixels. */
  tileLimit = LARGEST_TILE;

  constructor(picture: Picture, network: Network, options: EngineEncodeOptions) {
    this.picture = picture;
    this.network = network;
    this.options = options;
  }

  forget(): void {
    this.split = undefined;
  }

  /** What is kept of an encoder in pieces is on this side. */
  leaveDevice(): void {}

  shrinkTiles(): void {
    const { width, height } = this.picture;
    this.tileLimit = Math.floor(Math.min(this.tileLimit, Math.max(width, height)) / 2);
  }

  resetTiles(): void {
    this.tileLimit = LARGEST_TILE;
  }

  /** The result, with its provenance. */
  toLatent(data: Float32Array, encoder: string): Latent {
    const { picture, network, options } = this;
    const { width, height } = picture;
    const size = (pixels: number) => Math.ceil(pixels * network.scale);
    const { channels } = network.after ?? network;
    const dims: Latent['dims'] = [channels, size(height), size(width)];
    return {
      family: options.family,
      dims,
      data,
      provenance: makeProvenance({
        name: options.name ?? 'picture',
        container: 'picture',
        writer: 'encoded here',
        shape: [height, width, 3],
        dtype: 'U8',
        history: [`encoded from a picture of ${width} x ${height} pixels (${encoder})`],
        picture: { width, height },
      }),
    };
  }
}
