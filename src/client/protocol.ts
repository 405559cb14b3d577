import type { LatentFormat, WriteOptions } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import type { Method } from '../methods';
import type { ModelPart, ModelStatus, ModelWish } from '../weights/types';
import type { PlainInput } from './input/plain-input';
import type { RuntimeOptions } from './options/create-options';
import type {
  DeviceInfo,
  GpuTensor,
  MemoryOptions,
  ModelCheck,
  Notice,
  Output,
  PictureTile,
  Progress,
  UpscaleOptions,
  UpscaleResult,
  WarmUpOptions,
} from './types';

export type ProgressCallback = (progress: Progress) => void;
export type NoticeCallback = (notice: Notice) => void;
export type TileCallback = (tile: PictureTile) => void;

/** What the worker is opened with: plain data only. */
export interface ServiceOptions {
  /** Absolute address of `catalog.json`. */
  catalogUrl: string;
  /** Its text, where it is not to be fetched. */
  catalog?: string;
  backend: 'auto' | 'webgpu' | 'wasm';
  precision: 'auto' | 'fp16' | 'fp32';
  memory: MemoryOptions;
  /** Part of the default budget that is taken. */
  memoryShare: number;
  /** Origins beside the model hub that models may be added from. */
  modelHosts: string[];
  runtime: RuntimeOptions;
  /** Another worker can take over where this one's runtime is spent. */
  renewable: boolean;
  /** Name of the database for models. */
  store?: string;
}

/** {@link UpscaleOptions} without what Comlink transfers only as a top-level argument. */
export type PlainUpscaleOptions = Omit<
  UpscaleOptions<Output>,
  'signal' | 'onProgress' | 'onTile' | 'canvas' | 'output' | 'method'
> & { output: Output; method: Method };

export type PlainWarmUpOptions = Omit<WarmUpOptions, 'signal' | 'onProgress'>;

/** What is upscaled: a latent, or something that is to be read first. */
export type Source = { latent: Latent } | { input: PlainInput | GpuTensor; hints: ReadHints };

/**
 * What the worker answers to. Signals and callbacks are arguments of their own, never fields of an options
 * object: Comlink looks for them at the top level only (comlink issue 59).
 */
export interface WorkerService {
  /**
   * Call first. `lock` names a Web Lock that the worker holds as long as it lives; empty in the thread of the caller.
   * @returns true when the lock is held.
   */
  open(
    lock: string,
    options: ServiceOptions,
    onProgress: ProgressCallback,
    onNotice: NoticeCallback,
  ): Promise<boolean>;
  readAll(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    input: PlainInput,
    hints: ReadHints,
  ): Promise<Latent[]>;
  preview(latent: Latent): Promise<ImageBitmap>;
  write(latent: Latent, format: LatentFormat, options: WriteOptions): Promise<Uint8Array<ArrayBuffer>>;
  upscale(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    onTile: TileCallback | null,
    canvas: OffscreenCanvas | null,
    source: Source,
    options: PlainUpscaleOptions,
  ): Promise<UpscaleResult<Output>>;
  checkModels(wish: Omit<ModelCheck, 'signal'>): Promise<void>;
  warmUp(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    options: PlainWarmUpOptions,
  ): Promise<void>;
  release(): Promise<void>;
  device(): Promise<DeviceInfo>;
  models(): Promise<ModelStatus[]>;
  fetchModel(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    id: string,
  ): Promise<ModelStatus>;
  pinModel(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    id: string,
    pinned: boolean,
  ): Promise<ModelStatus>;
  inspectModel(file: Blob): Promise<ModelPart[]>;
  addModel(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    source: Blob | string,
    wish: ModelWish,
  ): Promise<ModelStatus>;
  removeModel(id: string): Promise<void>;
  clearCache(): Promise<void>;
}
