import { releaseProxy, transfer } from 'comlink';
import type {
  NoticeCallback,
  PlainUpscaleOptions,
  ProgressCallback,
  ServiceOptions,
  WorkerService,
} from '../client/protocol';
import type { DeviceInfo, LatentInput, UpscaleResult } from '../client/types';
import { createEngine } from '../engine';
import type { Engine } from '../engine/api';
import { openWebRuntime } from '../engine/device/web/open-web-runtime';
import { LeapError } from '../errors';
import { type LatentFormat, previewLatent, type WriteOptions, writeLatent } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import { createIdbStore, inspectModel, openWeights } from '../weights';
import type { LoadOptions, ManagedWeights, ModelPart, ModelStatus, ModelWish } from '../weights/types';
import { encodeInput } from './encode-input';
import { holdLock } from './hold-lock';
import { openPicture } from './open-picture';
import { asPicture, readInput } from './read-input';
import type { ResultPicture } from './result-picture';

/** What the worker does, with everything expensive opened on first use. */
export class Service implements WorkerService {
  #options: ServiceOptions | undefined;
  #onProgress: ProgressCallback = () => {};
  #onNotice: NoticeCallback = () => {};
  #weights: Promise<ManagedWeights> | undefined;
  #engine: Promise<Engine> | undefined;

  async open(
    lock: string,
    options: ServiceOptions,
    onProgress: ProgressCallback,
    onNotice: NoticeCallback,
  ): Promise<boolean> {
    this.#options = options;
    this.#onProgress = onProgress;
    this.#onNotice = onNotice;
    return holdLock(lock);
  }

  async readAll(input: LatentInput, hints: ReadHints): Promise<Latent[]> {
    const picture = await asPicture(input);
    if (picture) return [await encodeInput(await this.#openEngine(), picture, hints)];
    return readInput(input, hints);
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
    latent: Latent,
    options: PlainUpscaleOptions,
  ): Promise<UpscaleResult> {
    const report = onProgress ?? this.#onProgress;
    try {
      // Another worker or tab may have added or fetched what is asked for.
      if (options.lua ?? options.decoder) await (await this.#openWeights()).refresh();
      const engine = await this.#openEngine();
      let picture: ResultPicture | undefined;
      const result = await engine.upscale(latent, {
        ...options,
        ...(signal ? { signal } : {}),
        onProgress: report,
        openPicture: (width, height) => {
          picture = openPicture(width, height);
          return picture;
        },
      });
      if (!picture) throw new LeapError('internal', 'The engine finished without a picture.');
      const finished = await picture.finish();
      return transfer({ ...finished, ...result }, [finished.image, result.latent.data.buffer]);
    } finally {
      releaseCallback(onProgress);
    }
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
    return inspectModel(file);
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
        ...(signal ? { signal } : {}),
        onProgress: ({ file, loadedBytes, totalBytes }) =>
          report({ phase: 'download', done: loadedBytes, total: totalBytes, message: `Loading ${file}` }),
      });
    } finally {
      releaseCallback(onProgress);
    }
  }

  /** A failure is not remembered: the next call tries again. */
  #openWeights(): Promise<ManagedWeights> {
    const { catalogUrl, modelHosts } = this.#opened();
    this.#weights ??= openWeights({
      catalogUrl,
      hosts: modelHosts,
      store: createIdbStore(),
      onNotice: this.#onNotice,
    }).catch((thrown) => {
      this.#weights = undefined;
      throw thrown;
    });
    return this.#weights;
  }

  #openEngine(): Promise<Engine> {
    const { backend, precision, memory, memoryShare } = this.#opened();
    this.#engine ??= this.#openWeights()
      .then((weights) =>
        createEngine({
          runtime: openWebRuntime(),
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
function releaseCallback(callback: ProgressCallback | null): void {
  const proxied = callback as (ProgressCallback & { [releaseProxy]?: () => void }) | null;
  proxied?.[releaseProxy]?.();
}
