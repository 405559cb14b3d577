import type { Precision } from '../graph/types';
import type { FamilyId, Latent } from '../latent/types';
import type { WeightsSource } from '../weights/types';
import type { Device, Grid, Rect, Runtime } from './device/runtime';
import type {
  Backend,
  DeviceInfo,
  EngineMemory,
  JobOptions,
  Notice,
  Picture,
  PictureSink,
  Progress,
  Report,
  WayOptions,
} from './types';

export interface EngineOptions {
  runtime: Runtime;
  weights: WeightsSource;
  /** 'auto' takes the best that the runtime offers. Whatever is asked for, what does not work is left for what does. */
  backend: 'auto' | Backend;
  precision: 'auto' | Precision;
  memory?: EngineMemory;
  onNotice?: (notice: Notice) => void;
  onProgress?: (progress: Progress) => void;
}

export interface EngineEncodeOptions {
  family: FamilyId;
  /** Catalogue id of the encoder; default: the embedded one of the family. */
  encoder?: string;
  /** Where the picture came from. */
  name?: string;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Takes the picture in pieces as the decoder gives them, where the device has them: [3, H, W] in [0, 1]. */
export interface GridSink {
  /** @param rect the part of the tile to be placed with its upper left corner at (x, y) */
  putGrid(tile: Grid, rect: Rect, x: number, y: number): void;
  /** Looks at the whole picture. @throws LeapError `bad-output` */
  check(): Promise<void>;
  /** As of {@link PictureSink}. */
  discard?(): void | Promise<void>;
}

export interface EngineUpscaleOptions extends JobOptions {
  /**
   * Called when the first tile is decoded, with the picture's size in pixels; and again when all that was computed
   * has to be recomputed. The last picture opened is the result.
   */
  openPicture: (width: number, height: number, device: Device) => PictureSink | GridSink;
  /** Throws where the device cannot hold a picture of this size. Called before anything is computed on it. */
  refuseOversizedPicture?: (width: number, height: number, device: Device) => void;
  /**
   * Called when the picture is whole, while its device is there for certain: what is to be read back is read now. A loss
   * of the device meanwhile is recovered from as any other.
   */
  finishPicture?: () => Promise<void>;
  /**
   * Bytes of memory that a picture of this size takes where {@link openPicture} keeps it, for the plan; default: all
   * of its pixels.
   */
  pictureBytes?: (width: number, height: number) => number;
  /**
   * The latent's values where the device has them, in model space; called again with each device that is tried. The
   * engine frees the grid. `Latent.data` is not looked at then.
   */
  openSource?: (device: Device) => Grid | Promise<Grid>;
}

export interface EngineResult {
  /** The upscaled latent, model space. */
  latent: Latent;
  report: Report;
}

export interface Engine {
  info(): DeviceInfo;
  /** One job at a time: calls wait for each other. @throws LeapError */
  upscale(latent: Latent, options: EngineUpscaleOptions): Promise<EngineResult>;
  /** A picture as a latent. @throws LeapError */
  encode(picture: Picture, options: EngineEncodeOptions): Promise<Latent>;
  /** Fetches the models, makes the sessions that such a latent needs, and lets each of them run once. @throws LeapError */
  warmUp(latent: Pick<Latent, 'family' | 'dims'>, options: WayOptions): Promise<void>;
  /** Releases every session and the device; the next job opens them again. */
  close(): Promise<void>;
}
