import { pictureSizeOf } from '../../latent/shape/picture-size';
import type { Latent } from '../../latent/types';
import type { EngineUpscaleOptions, GridSink } from '../api';
import type { Device } from '../device/runtime';
import type { Retryable } from '../fallback/recovery';
import { clipGrids, clipPicture } from '../pictures/clip-picture';
import { SmallPicture } from '../pictures/small-picture';
import type { SplitProgress } from '../split/split-progress';
import { DonePositions } from '../tiles/done-positions';
import type { Tile } from '../tiles/plan-tiles';
import { spreadUnder } from '../tiles/tile-health';
import type { Phase, PictureSink } from '../types';
import type { Way } from './way';

/** What was asked for, and how much of it is done already, whichever device did it. */
export class Job implements Retryable {
  readonly latent: Latent;
  readonly options: EngineUpscaleOptions;
  readonly way: Way;
  /** How many times the latent grows before it is decoded. */
  readonly latentScale: number;
  /** Height and width of the upscaled latent. */
  readonly height: number;
  readonly width: number;
  readonly decoded: DonePositions;
  /** The decoded picture, if it is enlarged afterwards, and which part of it has been. */
  readonly small: SmallPicture | undefined;
  /** The upscaled latent, once it has been read back. */
  upscaled: Float32Array | undefined;
  /** How far a decoder is that runs in pieces. */
  split: SplitProgress | undefined;
  /** The same of each upscaler of the way. */
  upscaling: (SplitProgress | undefined)[] = [];
  /** Largest tile edge in positions of the upscaled latent. */
  tileLimit = Number.POSITIVE_INFINITY;
  #picture: PictureSink | GridSink | undefined;

  constructor(latent: Latent, options: EngineUpscaleOptions, way: Way) {
    this.latent = latent;
    this.options = options;
    this.way = way;
    this.latentScale = way.enlarger ? 1 : options.scale;
    this.height = Math.round(latent.dims[1] * this.latentScale);
    this.width = Math.round(latent.dims[2] * this.latentScale);
    this.resetTiles();
    this.decoded = new DonePositions(this.height, this.width);
    const stride = way.decoder.scale;
    if (way.enlarger) this.small = new SmallPicture(this.width * stride, this.height * stride);
  }

  /** Size of the result in pixels. A latent of a picture gives the picture's own size again, times the scale. */
  get pixels(): { width: number; height: number } {
    return pictureSizeOf(this.latent, this.options.scale);
  }

  /** Where the decoder's tiles go. */
  decoderSink(device: Device): PictureSink | GridSink {
    return this.small ?? this.openPicture(device);
  }

  /** The picture, opened when its first tile is ready, and anew after {@link forget} and {@link leaveDevice}. */
  openPicture(device: Device): PictureSink | GridSink {
    const { width, height } = this.pixels;
    if (!this.#picture) {
      const sink = this.options.openPicture(width, height, device);
      this.#picture = 'putGrid' in sink ? clipGrids(sink, width, height) : clipPicture(sink, width, height);
    }
    return this.#picture;
  }

  /** Each tile's values are looked at before it is used. */
  get checksTiles(): boolean {
    return (this.options.check ?? 'tiles') === 'tiles';
  }

  /** @throws LeapError `bad-output`, `device-lost`, `out-of-memory` */
  async checkPicture(): Promise<void> {
    if (this.options.check === 'end' && this.#picture && 'check' in this.#picture)
      await this.#picture.check();
  }

  /** @throws what the caller's part throws */
  refuseOversizedPicture(device: Device): void {
    const { width, height } = this.pixels;
    this.options.refuseOversizedPicture?.(width, height, device);
  }

  /** Largest minus least value of the latent under a tile; 0 where its values never left the device. */
  spreadUnder(tile: Tile, scale: number): number {
    return this.options.openSource ? 0 : spreadUnder(tile, this.latent, scale);
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
    this.split = undefined;
    this.upscaling = [];
    this.decoded.clear();
    this.small?.enlarged.clear();
    await this.#discardPicture();
  }

  /** A picture that is put together on the device goes with it, and its tiles are due again. */
  async leaveDevice(): Promise<void> {
    if (!this.#picture || !('putGrid' in this.#picture)) return;
    (this.small?.enlarged ?? this.decoded).clear();
    await this.#discardPicture();
  }

  async #discardPicture(): Promise<void> {
    const picture = this.#picture;
    this.#picture = undefined;
    await picture?.discard?.();
  }

  progress(phase: Phase, done: number, total: number, message: string): void {
    this.options.onProgress?.({ phase, done, total, message });
  }
}
