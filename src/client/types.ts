import type { DeviceInfo, JobOptions, Method, Progress, Report, WayOptions } from '../engine/types';
import type { LatentFormat, WriteOptions } from '../latent';
import type { PlainTensor } from '../latent/latent-from-raw';
import type { FamilyId, Latent, ReadHints } from '../latent/types';
import type { ModelPart, ModelStatus, ModelWish } from '../weights/types';
import type { HostBuffer, HostDevice, HostTexture } from './input/gpu-types';

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
  SplitReport,
  StepCounts,
} from '../engine/types';

/** A Float16Array, also for compilers that do not know it. */
type Halves = ArrayBufferView<ArrayBuffer> &
  ArrayLike<number> & { readonly [Symbol.toStringTag]: 'Float16Array' };

/** What {@link Upscaler.read} takes by code: values in C order. */
export interface RawTensor extends Omit<PlainTensor, 'data'> {
  data: PlainTensor['data'] | Halves;
}

/** A tensor of onnxruntime or of transformers.js, wherever its values are; they are copied, and it stays as it is. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: ArrayLike<number>;
  readonly data?: unknown;
  getData?(): Promise<unknown>;
}

/** A tensor as generators hand it to the session of their decoder. */
export type HostTensor = OrtTensor & { readonly location?: string };

/** Values in a WebGPU buffer with the usage COPY_SRC, and the device that it belongs to; they are copied. */
export interface GpuTensor {
  gpuBuffer: HostBuffer;
  device: HostDevice;
  dims: ArrayLike<number>;
  /** Default float32. */
  dtype?: 'float32' | 'float16';
}

/** Bytes are those of a latent file or of a picture file; ImageData is encoded as a picture. */
export type LatentInput = Blob | Uint8Array | ArrayBuffer | ImageData | RawTensor | OrtTensor | GpuTensor;

/** A finished part of the picture; (x, y) is its upper left corner, in pixels. */
export interface PictureTile {
  x: number;
  y: number;
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The picture of a result, in each form that may be asked for. */
export interface Pictures {
  /** `png` only for a picture larger than the browser's canvases: the whole of it; `image` is a smaller copy then. */
  image: { image: ImageBitmap; png?: Blob };
  /** Rows top down. */
  rgba: { rgba: Uint8ClampedArray<ArrayBuffer>; width: number; height: number };
  /** [1, 3, H, W] in [-1, 1], as the decoders of other programs give it, not clamped. */
  tensor: {
    tensor: {
      /** Bits, for float16. */
      data: Float32Array | Uint16Array;
      dims: [1, 3, number, number];
      dtype: 'float32' | 'float16';
    };
  };
  /** The same in a buffer of the host's device, for `thread: 'this'`. It is the caller's to destroy. */
  'gpu-tensor': { tensor: GpuTensor & { dims: [1, 3, number, number]; dtype: 'float32' | 'float16' } };
  /** An rgba8unorm texture of the host's device, for `thread: 'this'`. It is the caller's to destroy. */
  texture: { texture: HostTexture };
  /** Drawn on {@link UpscaleOptions.canvas}, tile by tile. */
  canvas: object;
}

export type Output = keyof Pictures;

export interface UpscaleOptions<O extends Output = 'image'> extends Omit<JobOptions, 'method'> {
  /** Default: `lua`. */
  method?: Method;
  /** Default: `image`. */
  output?: O;
  /** For the outputs `tensor` and `gpu-tensor`; default `float32`. */
  dtype?: 'float32' | 'float16';
  /** For the output `canvas`. It takes the picture's size. It is transferred permanently: one job, one canvas. */
  canvas?: OffscreenCanvas;
  /** Each tile as it is finished; for the outputs `image`, `rgba` and `canvas`. After a failure all tiles are sent again. */
  onTile?: ((tile: PictureTile) => void) | undefined;
}

export interface RunOptions<O extends Output = 'image'> extends UpscaleOptions<O> {
  /** The values of the input may be moved to the worker: the caller's array is empty afterwards. */
  transfer?: boolean;
}

/** What will be asked for, so that it is ready. Sizes in pixels of the picture before it is enlarged. */
export interface WarmUpOptions
  extends Pick<
    WayOptions,
    'scale' | 'decoder' | 'lua' | 'passes' | 'enlarger' | 'tile' | 'signal' | 'onProgress'
  > {
  family: FamilyId;
  width: number;
  height: number;
  /** Default: `lua`. */
  method?: Method;
}

/** Which models an enlargement takes. */
export interface ModelCheck
  extends Pick<
    WarmUpOptions,
    'family' | 'scale' | 'method' | 'decoder' | 'lua' | 'passes' | 'enlarger' | 'signal'
  > {}

export interface ModelOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The picture as it was asked for, and what belongs to it. */
export type UpscaleResult<O extends Output = 'image'> = Pictures[O] & {
  latent: Latent;
  report: Report;
};

/** What embedders, the page and the tests use. Every method rejects with a `LeapError`. */
export interface Upscaler {
  /**
   * Latent files and tensors; pictures too (PNG, JPEG, WebP, AVIF, ImageData), encoded for `hints.family`, which takes a
   * while. A {@link Latent} is what it says it is: hints that say otherwise are refused.
   */
  read(input: LatentInput, hints?: ReadHints, options?: ModelOptions): Promise<Latent>;
  /** The same for every item of a batch. */
  readAll(input: LatentInput, hints?: ReadHints, options?: ModelOptions): Promise<Latent[]>;
  upscale<O extends Output = 'image'>(latent: Latent, options: UpscaleOptions<O>): Promise<UpscaleResult<O>>;
  /** {@link read} and {@link upscale} in one call: the latent does not travel back and forth. */
  run<O extends Output = 'image'>(
    input: LatentInput,
    hints: ReadHints,
    options: RunOptions<O>,
  ): Promise<UpscaleResult<O>>;
  /** Rejects with `no-model` for models or a factor that the catalogue lacks. Nothing but the catalogue is fetched. */
  checkModels(options: ModelCheck): Promise<void>;
  /** Fetches the models, and compiles what such a picture needs. */
  warmUp(options: WarmUpOptions): Promise<void>;
  /** Gives the GPU's memory back until the next job, which has to prepare everything again. */
  release(): Promise<void>;
  /** A rough picture of one pixel per latent position from the family's RGB factors; needs no weights. */
  preview(latent: Latent): Promise<ImageBitmap>;
  /** The latent as a file, for this project or for the consumer named in the options. */
  write(latent: Latent, format: LatentFormat, options?: WriteOptions): Promise<Uint8Array<ArrayBuffer>>;
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
  /**
   * What a file holds that {@link addModel} would take. Rejects with `unsupported` where that is nothing, and with
   * `unknown-format` or `damaged-file` for a file that is not a checkpoint.
   */
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
