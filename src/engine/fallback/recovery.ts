import type { LeapError } from '../../errors';
import { explainJobError } from '../device/runtime-errors';
import type { Workbench } from '../workbench';
import type { Ladder } from './ladder';

/** Work that can be repeated in smaller pieces. */
export interface Retryable {
  /** Drops everything that a broken computation may have touched. */
  forget(): void | Promise<void>;
  /** Drops what is only on the device, as another one takes over. */
  leaveDevice(): void | Promise<void>;
  /** Makes the next tiles half as large. */
  shrinkTiles(): void;
  /** Returns to the tiles that were asked for, because the next backend has a memory of its own. */
  resetTiles(): void;
}

/** The most fresh devices that a job may use on one backend, each time with tiles half as large. */
const MAX_RETRIES = 2;

/**
 * Everything that is decided when a job fails: whether it is tried again, on which device and in which tiles; which way of
 * computing is given up for the jobs after it, and which only for this one because it was too large.
 */
export class Recovery {
  readonly #ladder: Ladder;
  readonly #job: Retryable;
  /** Where the job found the ladder. */
  readonly #start: number;
  /** Where the size of this job, and nothing else, has led to. */
  #outgrown: number;
  /** How often the job has been retried on this backend. */
  #retries = 0;

  constructor(ladder: Ladder, job: Retryable) {
    this.#ladder = ladder;
    this.#job = job;
    this.#start = ladder.position;
    this.#outgrown = ladder.position;
  }

  /**
   * Does the work on the current workbench, or on the next ones, as long as there is hope.
   * @param openWorkbench on the ladder's current rung
   * @throws LeapError the last one, when nothing is left to try or another attempt cannot help
   */
  async run<T>(
    openWorkbench: () => Promise<Workbench>,
    work: (workbench: Workbench) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const attempt = await openWorkbench()
        .then(async (workbench) => ({ result: await work(workbench) }))
        .catch(explainJobError);
      if ('result' in attempt) {
        await this.#settle();
        return attempt.result;
      }
      await this.#prepareNext(attempt);
    }
  }

  /** What was too large only for this job is there again for the next one. Whatever else was given up stays so. */
  async #settle(): Promise<void> {
    if (this.#ladder.position !== this.#outgrown) return;
    await this.#ladder.backTo(this.#start, 'Only this latent was too large for the GPU');
  }

  /** @throws the error itself where it is final, or what giving up its work throws */
  async #prepareNext(error: LeapError): Promise<void> {
    if (!blamesWay(error)) {
      await this.#settle();
      throw error;
    }
    const before = this.#ladder.position;
    try {
      if (!(await this.#moveOn(error))) throw error;
    } catch (final) {
      await this.#ladder.backTo(this.#start, 'No other way of computing helped');
      throw final;
    }
    if (before === this.#outgrown && error.code === 'out-of-memory') this.#outgrown = this.#ladder.position;
  }

  /**
   * A wrong result, or a graph that the backend cannot run, leads to the next way of computing. A lost device or full
   * memory leads first to a fresh device with smaller tiles.
   *
   * @param error one that {@link blamesWay}
   * @returns whether the job may be tried again
   */
  async #moveOn(error: LeapError): Promise<boolean> {
    if (error.code !== 'device-lost' && error.code !== 'out-of-memory') return this.#leaveRung(error);
    // Only a fresh runtime helps, and only the caller can start one.
    if (error.detail.spent) return false;
    if (this.#retries < MAX_RETRIES && !error.detail.indivisible) return this.#shrink(error);
    return this.#leaveBackend(error);
  }

  async #leaveRung(error: LeapError): Promise<boolean> {
    await this.#job.forget();
    this.#retries = 0;
    return this.#ladder.demote(error, 'rung');
  }

  async #leaveBackend(error: LeapError): Promise<boolean> {
    await this.#job.leaveDevice();
    this.#job.resetTiles();
    this.#retries = 0;
    return this.#ladder.demote(error, 'backend');
  }

  async #shrink(error: LeapError): Promise<true> {
    await this.#job.leaveDevice();
    this.#job.shrinkTiles();
    this.#retries++;
    this.#ladder.note(`${error.message} The job continues on a fresh device with smaller tiles.`);
    await this.#ladder.renew();
    return true;
  }
}

/** Whether a way of computing has failed, and not the caller: another one, or smaller tiles, may help. */
function blamesWay({ code, detail }: LeapError): boolean {
  switch (code) {
    case 'internal':
      // Our own mistakes, and those of a caller's callback, fail everywhere.
      return Boolean(detail.runtime);
    case 'bad-output':
    case 'device-lost':
    case 'out-of-memory':
      return true;
    default:
      return false;
  }
}
