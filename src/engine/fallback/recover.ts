import type { LeapError } from '../../errors';
import type { Ladder } from './ladder';

/** Work that can be done again, in smaller pieces. */
export interface Retryable {
  /** Nothing that a broken computation may have touched is kept. */
  forget(): void | Promise<void>;
  /** Tiles half as large next time. */
  shrinkTiles(): void;
  /** Back to what was asked for: the next backend has a memory of its own. */
  resetTiles(): void;
}

/** Fresh devices that a job may use up on one backend, each time with tiles half as large. */
const MAX_RETRIES = 2;

/**
 * Decides how a job goes on after a failure.
 *
 * A wrong result, or a graph that the backend cannot run, leads to the next way of computing; lost devices and
 * full memories first to a fresh device with smaller tiles. Returns if the job may be tried again.
 *
 * @param retries how often this job has been retried on this backend
 * @returns the new count
 * @throws the error itself when nothing is left to try, or trying again cannot help
 */
export async function recover(
  error: LeapError,
  job: Retryable,
  ladder: Ladder,
  retries: number,
): Promise<number> {
  switch (error.code) {
    case 'internal':
      // Our own mistakes, and those of a caller's callback, fail everywhere: no backend is to blame.
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
        ladder.note(`${error.message} Going on with a fresh device and smaller tiles.`);
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
