import type {
  DeviceInfo,
  MemoryOptions,
  Method,
  Notice,
  PixelFilter,
  Progress,
  Report,
  Scale,
} from '../engine/types';
import type { LatentFormat, WriteOptions } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import type { ModelPart, ModelStatus, ModelWish } from '../weights/types';

export type {
  Backend,
  DeviceInfo,
  MemoryOptions,
  MemoryReport,
  Method,
  Notice,
  Phase,
  PixelFilter,
  Progress,
  Report,
  Scale,
  StagesReport,
  StepCounts,
} from '../engine/types';

export interface CreateOptions {
  /** Address of the folder with `catalog.json`; default: `models/` beside the page. */
  models?: string;
  backend?: 'auto' | 'webgpu' | 'wasm';
  precision?: 'auto' | 'fp16' | 'fp32';
  memory?: MemoryOptions;
  /**
   * Origins beside the model hub that a person may add models from, `https://models.example.org`. The page's content
   * security policy must allow them too.
   */
  modelHosts?: string[];
  /** A worker running `latent-leap/worker`, where a bundler or a policy wants to see it made; default: made here. */
  worker?: Worker;
  onProgress?: (progress: Progress) => void;
  onNotice?: (notice: Notice) => void;
}

/** What {@link Upscaler.read} takes by code: values in C order. */
export interface RawTensor {
  data: Float32Array | Float64Array | Uint16Array;
  /** [C,H,W], [1,C,H,W] or packed [1,N,C]. */
  dims: readonly number[];
  /** For Uint16Array: which 16-bit float it holds. */
  dtype?: 'float32' | 'float64' | 'float16' | 'bfloat16';
}

/** A tensor of onnxruntime, wherever its values are; they are copied. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  getData(): Promise<unknown>;
}

/** Values in a WebGPU buffer with the usage COPY_SRC, and the device that it belongs to; they are copied. */
export interface GpuTensor {
  gpuBuffer: GPUBuffer;
  device: GPUDevice;
  dims: readonly number[];
  /** Default float32. */
  dtype?: 'float32' | 'float16';
}

export type LatentInput = Blob | Uint8Array | ArrayBuffer | RawTensor | OrtTensor | GpuTensor;

export interface UpscaleOptions {
  scale: Scale;
  method: Method;
  /** Catalogue id of the decoder; default: the embedded one of the latent's family. */
  decoder?: string;
  /** Catalogue id of the latent upscaler; default: the embedded LUA of the latent's family. */
  lua?: string;
  /** For `lua`: runs the upscaler so often in a row, each time by the root of the scale; default 1. */
  passes?: 1 | 2;
  /** For `pixels`: a filter, or the catalogue id of a pixel upscaler; default `lanczos`. */
  enlarger?: PixelFilter | (string & {});
  /** Largest tile edge in latent positions of the upscaled latent; default: chosen from the device's limits. */
  tile?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface ModelOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface UpscaleResult {
  /** The picture; or, where there is `png`, a copy of it at a fraction of its size. */
  image: ImageBitmap;
  /** Only for a picture larger than the browser's canvases: the whole of it as a file. */
  png?: Blob;
  latent: Latent;
  report: Report;
}

/** What embedders, the page and the tests use. Every method rejects with a `LeapError`. */
export interface Upscaler {
  /** Latent files and tensors; pictures too (PNG, JPEG, WebP, AVIF), encoded for `hints.family`. */
  read(input: LatentInput, hints?: ReadHints): Promise<Latent>;
  /** Every item of a batch. */
  readAll(input: LatentInput, hints?: ReadHints): Promise<Latent[]>;
  upscale(latent: Latent, options: UpscaleOptions): Promise<UpscaleResult>;
  /** A rough picture of one pixel per latent position from the family's RGB factors; needs no weights. */
  preview(latent: Latent): Promise<ImageBitmap>;
  /** The latent as a file, for this project or for the consumer named in the options. */
  write(latent: Latent, format: LatentFormat, options?: WriteOptions): Promise<Uint8Array>;
  /** Backend and adapter in use; opens them, with the self-check, on the first call. */
  device(): Promise<DeviceInfo>;
  /** The catalogue and the models that were added, with what is stored on this machine. */
  models(): Promise<ModelStatus[]>;
  /** Downloads a model ahead of its use; progress in bytes, as phase `download`. */
  fetchModel(id: string, options?: ModelOptions): Promise<ModelStatus>;
  /**
   * Keeps a model offline: it is fetched if needed, and neither {@link clearCache} nor a lack of room deletes it.
   * `false` lets it go again, and deletes nothing.
   */
  pinModel(id: string, pinned: boolean, options?: ModelOptions): Promise<ModelStatus>;
  /** What a file holds that {@link addModel} would take; rejects with `unsupported` where that is nothing. */
  inspectModel(file: Blob): Promise<ModelPart[]>;
  /**
   * Adds a checkpoint to choose from: a file (safetensors, or torch.save of tensors), or the https address of one.
   * Its header says which network it is. It is there on the next visit too.
   */
  addModel(source: Blob | string, wish: ModelWish, options?: ModelOptions): Promise<ModelStatus>;
  /** Deletes the stored files of one model; a model that was added is forgotten altogether. */
  removeModel(id: string): Promise<void>;
  /** Deletes every stored weights file, except those of pinned models. */
  clearCache(): Promise<void>;
  /** Ends the worker and frees its memory; pending promises reject with `closed`. */
  close(): Promise<void>;
}
