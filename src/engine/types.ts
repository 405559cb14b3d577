import type { Method } from '../methods';

export type { Method };

export type Backend = 'webgpu' | 'wasm' | 'cpu';
/**
 * How many times the sides grow: 1 (the latent is only decoded) to 4, in fractions with a denominator of at most 20
 * that keep the sides of the latent whole (of the picture, for the method `pixels`).
 */
export type Scale = number;

/** What the method `pixels` enlarges with: bicubic as PyTorch's, Lanczos as Pillow's. */
export type PixelFilter = 'bicubic' | 'lanczos';

export type Phase = 'download' | 'prepare' | 'check' | 'encode' | 'upscale' | 'decode' | 'enlarge' | 'finish';

export interface Progress {
  phase: Phase;
  /** Bytes for `download`, tiles for `encode`, `upscale`, `decode` and `enlarge`, steps otherwise. */
  done: number;
  total: number;
  message: string;
}

/** Something a person should know that is not an error: another way of computing, a full store. */
export interface Notice {
  code: string;
  message: string;
}

/** How much memory may be taken, in bytes. */
export interface MemoryOptions {
  /** All together; default: half of what is known to be there. */
  budget?: number;
  /** The largest single buffer; default, and never more than: what the device allows. */
  buffer?: number;
}

export interface EngineMemory extends MemoryOptions {
  /** The part of the machine's usual budget to take; 1 by default. */
  share?: number;
}

/**
 * Takes the picture in tiles, in any order. They overlap only where a job goes on with smaller tiles after its device was
 * lost.
 */
export interface PictureSink {
  /**
   * RGBA bytes of `width * height` pixels, rows top down, to be placed with the upper left corner at (x, y).
   * @returns what to wait for before the next tile, where tiles come faster than they can be dealt with
   */
  put(
    x: number,
    y: number,
    width: number,
    height: number,
    rgba: Uint8ClampedArray<ArrayBuffer>,
  ): void | Promise<void>;
  /** The tiles put so far cannot be trusted: nothing more comes here, and another picture is opened. */
  discard?(): void | Promise<void>;
}

/** Pixels, rows top down. */
export interface Picture {
  width: number;
  height: number;
  /** Alpha is ignored. */
  rgba: Uint8ClampedArray;
}

/** One number for each step; 0 where a way has no such step. */
export interface StepCounts {
  /** In latent space. */
  upscale: number;
  decode: number;
  /** In pixels, after the decoder. */
  enlarge: number;
}

/** The plan that was made before the first run. */
export interface MemoryReport {
  /** What the whole job may take, and what it was expected to take. */
  budgetBytes: number;
  plannedBytes: number;
  /** No tensor may be larger. */
  tensorLimitBytes: number;
  /** Edge of the tiles, and of the overlap that is thrown away, in positions of each network's input. */
  tile: StepCounts;
  halo: StepCounts;
  /** Where the decoder sees the whole picture at once and had to be run in pieces. */
  split?: SplitReport;
  /** The same for the upscaler; of two passes, for the second. */
  upscaleSplit?: SplitReport;
}

/** How a network that sees everything at once was taken apart so that its tiles give what the whole would. */
export interface SplitReport {
  /** Between points of the network whose features were kept, with the passes over all tiles that each took. */
  pieces: { from: number; to: number; passes: number }[];
  /** Runs on tiles in all passes. */
  runs: number;
  /** The most that the kept features take, in the machine's memory. */
  storedBytes: number;
}

export interface Report {
  backend: Backend;
  precision: 'fp16' | 'fp32';
  adapter: string;
  method: Method;
  scale: Scale;
  /** How often the latent upscaler was run in a row. */
  passes: number;
  models: { lua?: string; decoder: string; enlarger?: string };
  /** Picture size in pixels. */
  width: number;
  height: number;
  tiles: StepCounts;
  memory: MemoryReport;
  /** Milliseconds per phase; `prepare` covers session creation, `total` everything after the download. */
  ms: StepCounts & { prepare: number; total: number };
  /** Demotions and other things that happened, in words. */
  notices: string[];
}

export interface DeviceInfo {
  backend: Backend;
  precision: 'fp16' | 'fp32';
  adapter: string;
}

/**
 * When outputs are looked at. `tiles`: each tile, before the next step uses it. `end`: the whole picture, once, where
 * it is a `GridSink`. `never`: nothing is read back from the device.
 */
export type OutputCheck = 'tiles' | 'end' | 'never';

/** What decides the way from a latent to its picture, of the engine as of the client. */
export interface WayOptions {
  scale: Scale;
  method: Method;
  /** Catalogue id of the decoder; default: the embedded one of the latent's family. */
  decoder?: string;
  /** Catalogue id of the latent upscaler; default: the embedded LUA of the latent's family. */
  lua?: string;
  /**
   * For `lua`: how often the upscaler is run in a row, each time by the root of the scale; default 1. Two passes of x2
   * make x4 where a network has no x4.
   */
  passes?: 1 | 2;
  /** For `pixels`: a filter, or the catalogue id of a pixel upscaler; default `lanczos`. */
  enlarger?: PixelFilter | (string & {});
  /** Largest tile edge in latent positions of the upscaled latent; default: chosen from the device's limits. */
  tile?: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** WayOptions plus options that apply to a whole job. */
export interface JobOptions extends WayOptions {
  /** False: the upscaled latent stays where it is, and the result's has no values. */
  keepLatent?: boolean;
  /**
   * When the values are looked at. `tiles` (the default): each tile. `end` (the default of outputs that stay on the
   * GPU): the whole picture, once, for which a few bytes are read back. `never`: nothing is read back, and a picture of
   * a broken computation is not noticed.
   */
  check?: OutputCheck;
}
