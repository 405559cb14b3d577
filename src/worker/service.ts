import { releaseProxy, transfer } from 'comlink';
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
import type { DeviceInfo, LatentInput, Output, UpscaleResult } from '../client/types';
import { defined } from '../defined';
import { createEngine } from '../engine';
import type { Engine } from '../engine/api';
import type { Runtime } from '../engine/device/runtime';
import type { WebRuntimeOptions } from '../engine/device/web/open-web-runtime';
import { LeapError } from '../errors';
import { FAMILIES, type LatentFormat, previewLatent, type WriteOptions, writeLatent } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import { createIdbStore, inspectModel, openWeights } from '../weights';
import type { LoadOptions, ManagedWeights, ModelPart, ModelStatus, ModelWish } from '../weights/types';
import { holdLock } from './hold-lock';
import { encodeInput } from './input/encode-input';
import { type GpuSource, openGpuSource } from './input/gpu-source';
import { asPicture, READING_STEP, readInput } from './input/read-input';
import { makeOutput } from './pictures/output';

/** What the worker does, with everything expensive opened on first use. */
export class Service implements WorkerService {
  readonly #openRuntime: (options: WebRuntimeOptions) => Runtime;
  /** The host's device, in its own thread. */
  readonly #gpu: GPUDevice | undefined;
  #options: ServiceOptions | undefined;
  #onProgress: ProgressCallback = () => {};
  #onNotice: NoticeCallback = () => {};
  #weights: Promise<ManagedWeights> | undefined;
  #engine: Promise<Engine> | undefined;

  constructor(openRuntime: (options: WebRuntimeOptions) => Runtime, gpu?: GPUDevice) {
    this.#openRuntime = openRuntime;
    this.#gpu = gpu;
  }

  async open(
    lock: string,
    options: ServiceOptions,
    onProgress: ProgressCallback,
    onNotice: NoticeCallback,
  ): Promise<boolean> {
    this.#options = options;
    this.#onProgress = onProgress;
    this.#onNotice = onNotice;
    return lock === '' ? false : holdLock(lock);
  }

  async readAll(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    input: LatentInput,
    hints: ReadHints,
  ): Promise<Latent[]> {
    try {
      const picture = await asPicture(input);
      const report = onProgress ?? this.#onProgress;
      if (!picture) return await readInput(input, hints, report);
      const listeners = { ...defined({ signal: signal ?? undefined }), onProgress: report };
      return [await encodeInput(await this.#openEngine(), picture, hints, listeners)];
    } finally {
      releaseCallback(onProgress);
    }
  }

  async preview(latent: Latent): Promise<ImageBitmap> {
    const { width, height, data } = previewLatent(latent);
    const image = await createImageBitmap(new ImageData(new Uint8ClampedArray(data), width, height));
    return transfer(image, [image]);
  }

  async write(latent: Latent, format: LatentFormat, options: WriteOptions): Promise<Uint8Array> {
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
      // Another worker or tab may have added or fetched what is asked for.
      if (options.lua ?? options.decoder ?? options.enlarger) await (await this.#openWeights()).refresh();
      const engine = await this.#openEngine();
      const picture = makeOutput({ output, dtype, canvas, onTile, gpu: this.#gpu });
      const { latent, openSource } = await this.#openSource(source);
      const result = await engine.upscale(latent, {
        check: output === 'gpu-tensor' || output === 'texture' ? 'end' : 'tiles',
        ...wish,
        keepLatent: keepLatent && !openSource,
        ...defined({ openSource, signal: signal ?? undefined, pictureBytes: picture.bytes }),
        onProgress: report,
        openPicture: picture.open,
      });
      const finished = await picture.finish();
      const moved = [...finished.moved, result.latent.data.buffer];
      return transfer({ ...finished.picture, ...result }, moved) as unknown as UpscaleResult<Output>;
    } finally {
      releaseCallback(onProgress);
      releaseCallback(onTile);
    }
  }

  async warmUp(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    { family, width, height, method = 'lua', ...options }: PlainWarmUpOptions,
  ): Promise<void> {
    const { channels, stride } = FAMILIES[family];
    const dims: Latent['dims'] = [channels, Math.ceil(height / stride), Math.ceil(width / stride)];
    try {
      await (await this.#openEngine()).warmUp(
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
    await (await this.#engine)?.close();
  }

  async #openSource(source: Source): Promise<{ latent: Latent } & Partial<GpuSource>> {
    if ('latent' in source) return source;
    const { input, hints } = source;
    if ('gpuBuffer' in input) return openGpuSource(input, hints);
    const [latent] = await this.readAll(null, null, input, hints);
    return { latent: latent! };
  }

  async device(): Promise<DeviceInfo> {
    return (await this.#openEngine()).info();
  }

  async models(): Promise<ModelStatus[]> {
    return (await this.#openWeights()).status();
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
    await (await this.#openWeights()).remove(id);
  }

  async clearCache(): Promise<void> {
    await (await this.#openWeights()).clearCache();
  }

  async #manage(
    signal: AbortSignal | null,
    onProgress: ProgressCallback | null,
    work: (weights: ManagedWeights, options: LoadOptions) => Promise<ModelStatus>,
  ): Promise<ModelStatus> {
    const report = onProgress ?? this.#onProgress;
    try {
      return await work(await this.#openWeights(), {
        ...defined({ signal: signal ?? undefined }),
        onProgress: ({ file, loadedBytes, totalBytes }) =>
          report({ phase: 'download', done: loadedBytes, total: totalBytes, message: `Loading ${file}` }),
      });
    } finally {
      releaseCallback(onProgress);
    }
  }

  /** A failure is not remembered: the next call tries again. */
  #openWeights(): Promise<ManagedWeights> {
    const { catalogUrl, catalog, modelHosts, store } = this.#opened();
    this.#weights ??= openWeights({
      catalogUrl,
      hosts: modelHosts,
      ...defined({ fetch: catalog === undefined ? undefined : answering(catalogUrl, catalog) }),
      store: createIdbStore(defined({ database: store })),
      onNotice: this.#onNotice,
    }).catch((thrown) => {
      this.#weights = undefined;
      throw thrown;
    });
    return this.#weights;
  }

  #openEngine(): Promise<Engine> {
    const { backend, precision, memory, memoryShare, runtime, renewable } = this.#opened();
    const onRefused = (reason: string) => {
      const message = `The page's onnxruntime is not used: ${reason}. The library loads its own.`;
      this.#onNotice({ code: 'runtime-refused', message });
    };
    this.#engine ??= this.#openWeights()
      .then((weights) =>
        createEngine({
          runtime: this.#openRuntime({ ...runtime, renewable, onRefused }),
          weights,
          backend,
          precision,
          memory: { share: memoryShare, ...memory },
          onNotice: this.#onNotice,
          onProgress: this.#onProgress,
        }),
      )
      .catch((thrown) => {
        this.#engine = undefined;
        throw thrown;
      });
    return this.#engine;
  }

  #opened(): ServiceOptions {
    if (!this.#options) throw new LeapError('internal', 'The worker was not opened.');
    return this.#options;
  }
}

/** A callback that crossed the boundary is a Comlink proxy holding a port; a local one (in tests) is not. */
function releaseCallback(callback: object | null): void {
  (callback as { [releaseProxy]?: () => void } | null)?.[releaseProxy]?.();
}

/** A fetch that knows one file already. */
function answering(address: string, text: string): typeof fetch {
  const headers = { 'Content-Type': 'application/json' };
  return async (input, init) =>
    String(input) === address ? new Response(text, { headers }) : fetch(input, init);
}
