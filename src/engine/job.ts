import type { Phase } from '../client/types';
import type { Latent } from '../latent/types';
import { Coverage } from './coverage';
import type { Network } from './networks';
import type { EngineUpscaleOptions, PictureSink } from './types';

/** What was asked for, and what of it is done already, whichever device did it. */
export class Job {
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

  /** The picture, opened when its first tile is ready. */
  get picture(): PictureSink {
    const stride = this.decoder.scale;
    this.#picture ??= this.options.openPicture(this.width * stride, this.height * stride);
    return this.#picture;
  }

  /** Half as large next time. Without a limit so far, the whole latent was the tile. */
  shrinkTiles(): void {
    this.tileLimit = Math.floor(Math.min(this.tileLimit, Math.max(this.height, this.width)) / 2);
  }

  /** Back to what was asked for: the next backend has a memory of its own. */
  resetTiles(): void {
    this.tileLimit = this.options.tile ?? Number.POSITIVE_INFINITY;
  }

  /** Nothing that a broken computation may have touched is kept. */
  forget(): void {
    this.upscaled = undefined;
    this.decoded.clear();
  }

  progress(phase: Phase, done: number, total: number, message: string): void {
    this.options.onProgress?.({ phase, done, total, message });
  }
}
