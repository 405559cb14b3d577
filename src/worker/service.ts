import { releaseProxy, transfer } from 'comlink';
import type { PlainInput } from '../client/input/plain-input';
import type {
  NoticeCallback,
  PlainUpscaleOptions,
  PlainWarmUpOptions,
  ProgressCallback,
  ServiceOptions,
  Source,
  TileCallback,
  WorkerService,
} from '../client/protocol';
import type { DeviceInfo, ModelCheck, Output, UpscaleResult } from '../client/types';
import { defined } from '../defined';
import { chooseWay } from '../engine';
import { LeapError } from '../errors';
import { FAMILIES, type LatentFormat, previewLatent, type WriteOptions, writeLatent } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import { inspectModel } from '../weights';
import type { LoadOptions, ManagedWeights, ModelPart, ModelStatus, ModelWish } from '../weights/types';
import { holdLock } from './hold-lock';
import { doubtsOf } from './input/doubts-of';
import { encodeInput } from './input/encode-input';
import { type GpuSource, openGpuSource } from './input/gpu-source';
import { asPicture, READING_STEP, readInput } from './input/read-input';
import { LazyEngine, type OpenRuntime } from './lazy-engine';
import { makeOutput } from './pictures/output';

/** What the worker does, with everything expensive opened on first use. */
export class Service implements WorkerService {
  readonly #openRuntime: OpenRuntime;
  /** The host's device, in its own thread. */
  readonly #gpu: GPUDevice | undefined;
  #onProgress: ProgressCallback = () => {};
  #onNotice: NoticeCallback = () => {};
  #engine: LazyEngine | undefined;

  constructor(openRuntime: OpenRuntime, gpu?: GPUDevice) {
    this.#openRuntime = openRuntime;
    this.#gpu = gpu;
  }

  async open(
    lock: string,
    options: ServiceOptions,
    onProgress: ProgressCallback,
    onNotice: NoticeCallback,
  ): Promise<boolean> {
    this.#onProgress = onProgress;
    this.#onNotice = onNotice;
    this.#engine = new LazyEngine(this.#openRuntime, options, onProgress, onNotice);
    return lock === '' ? false : holdLock(lock);
  }

  async readAll(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    input: PlainInput,
    hints: ReadHints,
  ): Promise<Latent[]> {
    try {
      return await this.#read(signal, onProgress ?? this.#onProgress, input, hints);
    } finally {
      releaseCallback(onProgress);
    }
  }

  async #read(
    signal: AbortSignal | null,
    onProgress: ProgressCallback,
    input: PlainInput,
    hints: ReadHints,
  ): Promise<Latent[]> {
    const picture = await asPicture(input);
    if (!picture) return readInput(input, hints, onProgress);
    const listeners = { ...defined({ signal: signal ?? undefined }), onProgress };
    const { catalog } = await this.#opened.weights();
    return [await encodeInput(await this.#opened.engine(), catalog, picture, hints, listeners)];
  }

  async preview(latent: Latent): Promise<ImageBitmap> {
    if (typeof createImageBitmap === 'undefined')
      throw new LeapError('unsupported', 'A preview is an ImageBitmap, which only browsers have.');
    const { width, height, data } = previewLatent(latent);
    const image = await createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
    return transfer(image, [image]);
  }

  async write(latent: Latent, format: LatentFormat, options: WriteOptions): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = writeLatent(latent, format, options);
    return transfer(bytes, [bytes.buffer]);
  }

  async upscale(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    onTile: TileCallback | null,
    canvas: OffscreenCanvas | null,
    source: Source,
    options: PlainUpscaleOptions,
  ): Promise<UpscaleResult<Output>> {
    const report = onProgress ?? this.#onProgress;
    const { output, dtype = 'float32', keepLatent = true, ...wish } = options;
    try {
      await this.#weightsFor(options);
      const engine = await this.#opened.engine();
      const picture = makeOutput({ output, dtype, canvas, onTile, gpu: this.#gpu });
      const { latent, openSource } = await this.#openSource(signal, report, source);
      let finished: Awaited<ReturnType<typeof picture.finish>> | undefined;
      const result = await engine.upscale(latent, {
        check: output === 'gpu-tensor' || output === 'texture' ? 'end' : 'tiles',
        ...wish,
        keepLatent: keepLatent && !openSource,
        ...defined({
          openSource,
          signal: signal ?? undefined,
          pictureBytes: picture.bytes,
          refuseOversizedPicture: picture.refuseOversizedPicture,
        }),
        onProgress: report,
        openPicture: picture.open,
        finishPicture: async () => {
          finished = await picture.finish();
        },
      });
      if (!finished) throw new LeapError('internal', 'The engine finished without a picture.');
      const moved = [...finished.moved, result.latent.data.buffer];
      return transfer({ ...finished.picture, ...result }, moved) as unknown as UpscaleResult<Output>;
    } finally {
      releaseCallback(onProgress);
      releaseCallback(onTile);
    }
  }

  async checkModels({ family, method = 'lua', ...wish }: Omit<ModelCheck, 'signal'>): Promise<void> {
    const weights = await this.#weightsFor(wish);
    chooseWay(weights.catalog, family, { ...wish, method });
  }

  /** Another worker or tab may have added or fetched what is asked for. */
  async #weightsFor({ lua, decoder, enlarger }: Omit<ModelCheck, 'family'>): Promise<ManagedWeights> {
    const weights = await this.#opened.weights();
    if (lua ?? decoder ?? enlarger) await weights.refresh();
    return weights;
  }

  async warmUp(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    { family, width, height, method = 'lua', ...options }: PlainWarmUpOptions,
  ): Promise<void> {
    const { channels, stride } = FAMILIES[family];
    const dims: Latent['dims'] = [channels, Math.ceil(height / stride), Math.ceil(width / stride)];
    try {
      await (await this.#opened.engine()).warmUp(
        { family, dims },
        {
          ...options,
          method,
          ...defined({ signal: signal ?? undefined }),
          onProgress: onProgress ?? this.#onProgress,
        },
      );
    } finally {
      releaseCallback(onProgress);
    }
  }

  /** Waits for the job at hand. */
  async release(): Promise<void> {
    await this.#engine?.release();
  }

  /** {@link release}, for good: a call that is about to begin opens nothing any more. */
  async close(): Promise<void> {
    await this.#engine?.close();
  }

  async #openSource(
    signal: AbortSignal | null,
    onProgress: ProgressCallback,
    source: Source,
  ): Promise<{ latent: Latent } & Partial<GpuSource>> {
    if ('latent' in source) return source;
    const { input, hints } = source;
    if ('gpuBuffer' in input) return openGpuSource(input, hints);
    const [latent] = await this.#read(signal, onProgress, input, { ...hints, item: hints.item ?? 'first' });
    for (const doubt of doubtsOf(latent!, hints)) this.#onNotice(doubt);
    return { latent: latent! };
  }

  async device(): Promise<DeviceInfo> {
    return (await this.#opened.engine()).info();
  }

  async models(): Promise<ModelStatus[]> {
    return (await this.#opened.weights()).status();
  }

  fetchModel(signal: AbortSignal | null, onProgress: ProgressCallback | null, id: string) {
    return this.#manage(signal, onProgress, (weights, options) => weights.fetch(id, options));
  }

  pinModel(signal: AbortSignal | null, onProgress: ProgressCallback | null, id: string, pinned: boolean) {
    return this.#manage(signal, onProgress, (weights, options) => weights.pin(id, pinned, options));
  }

  inspectModel(file: Blob): Promise<ModelPart[]> {
    let told = 0;
    return inspectModel(file, (done, total) => {
      if (done - told < READING_STEP) return;
      told = done;
      this.#onProgress({ phase: 'prepare', done, total, message: 'Reading the file' });
    });
  }

  addModel(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    source: Blob | string,
    wish: ModelWish,
  ) {
    return this.#manage(signal, onProgress, (weights, options) => weights.add(source, wish, options));
  }

  async removeModel(id: string): Promise<void> {
    await (await this.#opened.weights()).remove(id);
  }

  async clearCache(): Promise<void> {
    await (await this.#opened.weights()).clearCache();
  }

  async #manage(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    work: (weights: ManagedWeights, options: LoadOptions) => Promise<ModelStatus>,
  ): Promise<ModelStatus> {
    const report = onProgress ?? this.#onProgress;
    try {
      return await work(await this.#opened.weights(), {
        ...defined({ signal: signal ?? undefined }),
        onProgress: ({ file, loadedBytes, totalBytes }) =>
          report({ phase: 'download', done: loadedBytes, total: totalBytes, message: `Loading ${file}` }),
      });
    } finally {
      releaseCallback(onProgress);
    }
  }

  get #opened(): LazyEngine {
    if (!this.#engine) throw new LeapError('internal', 'The worker was not opened.');
    return this.#engine;
  }
}

/** A callback that crossed the boundary is a Comlink proxy holding a port; a local one (in tests) is not. */
function releaseCallback(callback: object | null): void {
  (callback as { [releaseProxy]?: () => void } | null)?.[releaseProxy]?.();
}
