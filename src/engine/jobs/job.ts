import type { Latent } from '../../latent/types';
import type { EngineUpscaleOptions } from '../api';
import type { Retryable } from '../fallback/recover';
import type { Network } from '../network';
import type { StagedProgress } from '../split-vae/staged-progress';
import { Coverage } from '../tiles/coverage';
import type { Phase, PictureSink } from '../types';
import { clipPicture } from './clip-picture';

/** What was asked for, and what of it is done already, whichever device did it. */
export class Job implements Retryable {
  readonly latent: Latent;
  readonly options: EngineUpscaleOptions;
  /** Null at scale 1: the latent is decoded as it is. */
  readonly upscaler: Network | null;
  readonly decoder: Network;
  /** Height and width of the upscaled latent. */
  readonly height: number;
  readonly width: number;
  readonly decoded: Coverage;
  /** The upscaled latent, once it has been read back. */
  upscaled: Float32Array | undefined;
  /** Of a decoder that is run in stages. */
  staged: StagedProgress | undefined;
  /** Largest tile edge in positions of the upscaled latent. */
  tileLimit = Number.POSITIVE_INFINITY;
  #picture: PictureSink | undefined;

  constructor(latent: Latent, options: EngineUpscaleOptions, upscaler: Network | null, decoder: Network) {
    this.latent = latent;
    this.options = options;
    this.upscaler = upscaler;
    this.decoder = decoder;
    this.height = latent.dims[1] * options.scale;
    this.width = latent.dims[2] * options.scale;
    this.resetTiles();
    this.decoded = new Coverage(this.height, this.width);
  }

  /** Size of the result in pixels. A latent of a picture gives the picture's own size again, times the scale. */
  get pixels(): { width: number; height: number } {
    const { picture } = this.latent.provenance;
    const { scale } = this.options;
    if (picture) return { width: picture.width * scale, height: picture.height * scale };
    return { width: this.width * this.decoder.scale, height: this.height * this.decoder.scale };
  }

  /** The picture, opened when its first tile is ready, and anew after {@link forget}. */
  get picture(): PictureSink {
    const { width, height } = this.pixels;
    this.#picture ??= clipPicture(this.options.openPicture(width, height), width, height);
    return this.#picture;
  }

  /** Without a limit so far, the whole latent was the tile. */
  shrinkTiles(): void {
    this.tileLimit = Math.floor(Math.min(this.tileLimit, Math.max(this.height, this.width)) / 2);
  }

  resetTiles(): void {
    this.tileLimit = this.options.tile ?? Number.POSITIVE_INFINITY;
  }

  async forget(): Promise<void> {
    this.upscaled = undefined;
    this.staged = undefined;
    this.decoded.clear();
    const picture = this.#picture;
    this.#picture = undefined;
    await picture?.discard?.();
  }

  progress(phase: Phase, done: number, total: number, message: string): void {
    this.options.onProgress?.({ phase, done, total, message });
  }
}
