import type { DeviceInfo, Notice, Report } from '../client/types';
import { toLeapError } from '../errors';
import { FAMILIES } from '../latent';
import type { Latent } from '../latent/types';
import type { CatalogEntry } from '../weights/types';
import { chooseModel } from './choose-model';
import { Job } from './job';
import { Ladder } from './ladder';
import { type LoadedModel, loadModel } from './load-model';
import { bicubicNetwork, decoderNetwork, luaNetwork } from './networks';
import { recover } from './recover';
import { type Attempt, runJob } from './run-job';
import { selfCheck } from './self-check';
import { SerialQueue } from './serial-queue';
import type { Stage } from './stage';
import type { Engine, EngineOptions, EngineResult, EngineUpscaleOptions } from './types';

/** Models whose bytes stay at hand, for sessions of other tile shapes. */
const MAX_MODELS = 4;

/**
 * Opens the fastest way of computing that passes the self-check.
 * @throws LeapError `no-backend`
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const engine = new LatentEngine(options);
  await engine.open();
  return engine;
}

class LatentEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #ladder: Ladder;
  /** Jobs never overlap: two at once would only share the device and double the memory. */
  readonly #queue = new SerialQueue();
  readonly #models = new Map<string, LoadedModel>();
  readonly #notices: string[] = [];
  #info: DeviceInfo | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const onNotice = (notice: Notice) => {
      this.#notices.push(notice.message);
      options.onNotice?.(notice);
    };
    this.#ladder = new Ladder(options.runtime, options, selfCheck, onNotice);
  }

  async open(): Promise<void> {
    this.#options.onProgress?.({ phase: 'check', done: 0, total: 1, message: 'Checking the device' });
    await this.#openStage();
    this.#options.onProgress?.({
      phase: 'check',
      done: 1,
      total: 1,
      message: 'The device computes correctly',
    });
  }

  info(): DeviceInfo {
    return this.#info!;
  }

  upscale(latent: Latent, options: EngineUpscaleOptions): Promise<EngineResult> {
    return this.#queue.run(async () => {
      const models = await this.#loadModels(latent, options);
      const job = makeJob(latent, options, models);
      const start = performance.now();
      const { stage, attempt, prepare } = await this.#runToTheEnd(job);
      const total = performance.now() - start;
      const report = this.#report(job, models, stage, attempt, { prepare, total });
      return { latent: describeResult(job, models), report };
    });
  }

  close(): Promise<void> {
    return this.#queue.run(() => this.#ladder.renew());
  }

  async #runToTheEnd(job: Job): Promise<{ stage: Stage; attempt: Attempt; prepare: number }> {
    for (let retries = 0; ; ) {
      try {
        const stage = await this.#openStage();
        const before = stage.sessions.msPreparing;
        const attempt = await runJob(stage, job);
        return { stage, attempt, prepare: stage.sessions.msPreparing - before };
      } catch (thrown) {
        retries = await recover(toLeapError(thrown), job, this.#ladder, retries);
      }
    }
  }

  async #openStage(): Promise<Stage> {
    const stage = await this.#ladder.stage();
    const { backend, adapter } = stage.device;
    this.#info = { backend, adapter, precision: stage.precision };
    return stage;
  }

  async #loadModels(
    { family }: Latent,
    { method, scale, lua, decoder, signal, onProgress }: EngineUpscaleOptions,
  ) {
    const { catalog } = this.#options.weights;
    const load = (entry: CatalogEntry) => this.#load(entry, signal, onProgress);
    const useLua = scale > 1 && method === 'lua';
    // Chosen before anything is fetched: a missing model should not cost a download.
    const decoderEntry = chooseModel(catalog, 'decoder', family, { id: decoder });
    const luaEntry = useLua ? chooseModel(catalog, 'lua', family, { id: lua, scale }) : undefined;
    return { decoder: await load(decoderEntry), lua: luaEntry && (await load(luaEntry)) };
  }

  async #load(
    entry: CatalogEntry,
    signal: AbortSignal | undefined,
    onProgress: EngineUpscaleOptions['onProgress'],
  ): Promise<LoadedModel> {
    const known = this.#models.get(entry.id);
    if (known) return known;
    const model = await loadModel(this.#options.weights, entry, {
      ...(signal ? { signal } : {}),
      onProgress: ({ file, loadedBytes, totalBytes }) =>
        onProgress?.({ phase: 'download', done: loadedBytes, total: totalBytes, message: `Loading ${file}` }),
    });
    if (this.#models.size >= MAX_MODELS) this.#models.delete(this.#models.keys().next().value!);
    this.#models.set(entry.id, model);
    return model;
  }

  #report(
    { options, width, height, decoder }: Job,
    models: Models,
    { device, precision }: Stage,
    { tiles, ms, memory }: Attempt,
    time: { prepare: number; total: number },
  ): Report {
    return {
      backend: device.backend,
      precision,
      adapter: device.adapter,
      method: options.method,
      scale: options.scale,
      models: { decoder: models.decoder.entry.id, ...(models.lua ? { lua: models.lua.entry.id } : {}) },
      width: width * decoder.scale,
      height: height * decoder.scale,
      tiles,
      memory,
      ms: { ...ms, ...time },
      notices: [...this.#notices],
    };
  }
}

interface Models {
  decoder: LoadedModel;
  lua: LoadedModel | undefined;
}

function makeJob(latent: Latent, options: EngineUpscaleOptions, { decoder, lua }: Models): Job {
  const { family } = latent;
  const { scale } = options;
  const bicubic = scale === 1 ? null : bicubicNetwork(FAMILIES[family].channels, scale);
  return new Job(
    latent,
    options,
    lua ? luaNetwork(lua, family, scale) : bicubic,
    decoderNetwork(decoder, family),
  );
}

function describeResult({ latent, options, upscaled, height, width }: Job, { lua }: Models): Latent {
  const { scale, method } = options;
  const step = lua ? `lua x${scale} (${lua.entry.id})` : `${method} x${scale}`;
  const { provenance } = latent;
  return {
    family: latent.family,
    dims: [latent.dims[0], height, width],
    // A copy at scale 1: on the host the grid is the caller's own array.
    data: scale === 1 ? latent.data.slice() : upscaled!,
    provenance: scale === 1 ? provenance : { ...provenance, history: [...provenance.history, step] },
  };
}
