import type { LeapError } from '../../errors';
import type { Ladder } from './ladder';

/** Work that can be repeated in smaller pieces. */
export interface Retryable {
  /** Drops everything that a broken computation may have touched. */
  forget(): void | Promise<void>;
  /** Makes the next tiles half as large. */
  shrinkTiles(): void;
  /** Returns to the tiles that were asked for, because the next backend has a memory of its own. */
  resetTiles(): void;
}

/** The most fresh devices that a job may use on one backend, each time with tiles half as large. */
const MAX_RETRIES = 2;

/**
 * Decides how a job continues after a failure.
 *
 * A wrong result, or a graph that the backend cannot run, leads to the next way of computing. A lost device or full
 * memory leads first to a fresh device with smaller tiles. It returns if the job may be tried again.
 *
 * @param retries how often this job has been retried on this backend
 * @returns the new count
 * @throws the error itself when nothing is left to try, or another attempt cannot help
 */
export async function recover(
  error: LeapError,
  job: Retryable,
  ladder: Ladder,
  retries: number,
): Promise<number> {
  switch (error.code) {
    case 'internal':
      // Our own mistakes, and those of a caller's callback, fail everywhere, so no backend is to blame.
      if (!error.detail.runtime) throw error;
      await job.forget();
      if (await ladder.demote(error, 'rung')) return 0;
      throw error;
    case 'bad-output':
      await job.forget();
      if (await ladder.demote(error, 'rung')) return 0;
      throw error;
    case 'device-lost':
    case 'out-of-memory':
      if (retries < MAX_RETRIES && !error.detail.indivisible) {
        job.shrinkTiles();
        ladder.note(`${error.message} The job continues on a fresh device with smaller tiles.`);
        await ladder.renew();
        return retries + 1;
      }
      job.resetTiles();
      if (await ladder.demote(error, 'backend')) return 0;
      throw error;
    default:
      throw error;
  }
}
