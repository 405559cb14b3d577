import type { Latent } from '../latent/types';
import type { Engine, EngineEncodeOptions, EngineOptions, EngineResult, EngineUpscaleOptions } from './api';
import { selfCheck } from './device/self-check';
import { SerialQueue } from './device/serial-queue';
import { Ladder } from './fallback/ladder';
import { Recovery, type Retryable } from './fallback/recovery';
import { checkRequest, checkScale, checkShape } from './jobs/check-request';
import { describeLatent, describeReport } from './jobs/describe-result';
import { EncodeJob } from './jobs/encode-job';
import { encodePicture } from './jobs/encode-picture';
import { Job } from './jobs/job';
import { runJob } from './jobs/run-job';
import { warmUp } from './jobs/warm-up';
import { openWay } from './jobs/way';
import { chooseModel } from './models/choose-model';
import { LoadedModels } from './models/loaded-models';
import { encoderNetwork } from './models/networks';
import type { DeviceInfo, Notice, Picture, WayOptions } from './types';
import type { Workbench } from './workbench';

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
  readonly #models: LoadedModels;
  /** Jobs never overlap: two at once would only share the device and double the memory. */
  readonly #queue = new SerialQueue();
  /** Notices of the opening, and of the current job. */
  #openingNotices: string[] = [];
  #notices: string[] = [];
  #info: DeviceInfo | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#models = new LoadedModels(options.weights);
    const onNotice = (notice: Notice) => {
      this.#notices.push(notice.message);
      options.onNotice?.(notice);
    };
    this.#ladder = new Ladder(options.runtime, options, selfCheck, onNotice);
  }

  async open(): Promise<void> {
    this.#options.onProgress?.({ phase: 'check', done: 0, total: 1, message: 'Checking the device' });
    await this.#openWorkbench();
    this.#options.onProgress?.({
      phase: 'check',
      done: 1,
      total: 1,
      message: 'The device computes correctly',
    });
    this.#openingNotices = this.#notices;
    this.#notices = [];
  }

  info(): DeviceInfo {
    return this.#info!;
  }

  async upscale(latent: Latent, options: EngineUpscaleOptions): Promise<EngineResult> {
    checkRequest(latent, options);
    return this.#queue.run(async () => {
      this.#notices = [];
      const job = new Job(latent, options, await openWay(this.#models, latent, options));
      const start = performance.now();
      const { workbench, attempt, prepare } = await this.#retry(job, async (workbench) => {
        const before = workbench.sessions.msPreparing;
        const attempt = await runJob(workbench, job);
        return { workbench, attempt, prepare: workbench.sessions.msPreparing - before };
      }).catch(async (thrown) => {
        // Nobody gets what was put together on the device.
        await job.leaveDevice();
        throw thrown;
      });
      const time = { prepare, total: performance.now() - start };
      const notices = [...this.#openingNotices, ...this.#notices];
      const report = describeReport(job, workbench, attempt, time, notices);
      return { latent: describeLatent(job), report };
    }, options.signal);
  }

  encode(picture: Picture, options: EngineEncodeOptions): Promise<Latent> {
    return this.#queue.run(async () => {
      const { family } = options;
      const entry = chooseModel(this.#models.catalog, 'encoder', family, { id: options.encoder });
      const network = encoderNetwork(await this.#models.load(entry, options), family);
      const job = new EncodeJob(picture, network, options);
      return job.toLatent(await this.#retry(job, (workbench) => encodePicture(workbench, job)), entry.id);
    }, options.signal);
  }

  async warmUp({ family, dims }: Pick<Latent, 'family' | 'dims'>, options: WayOptions): Promise<void> {
    checkShape({ family, dims });
    checkScale({ family, dims }, options);
    await this.#queue.run(async () => {
      const way = await openWay(this.#models, { family }, options);
      await warmUp(await this.#openWorkbench(), { family, dims }, options, way);
    }, options.signal);
  }

  close(): Promise<void> {
    return this.#queue.run(() => this.#ladder.renew());
  }

  #retry<T>(job: Retryable, work: (workbench: Workbench) => Promise<T>): Promise<T> {
    return new Recovery(this.#ladder, job).run(() => this.#openWorkbench(), work);
  }

  async #openWorkbench(): Promise<Workbench> {
    const workbench = await this.#ladder.workbench();
    const { backend, adapter } = workbench.device;
    this.#info = { backend, adapter, precision: workbench.precision };
    return workbench;
  }
}
