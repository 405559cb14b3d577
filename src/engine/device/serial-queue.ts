import { cancelled, throwIfAborted } from '../../errors';

/** Runs calls of onnxruntime one after the other; a host may bring its own. */
export interface CallQueue {
  run<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * Runs tasks one after the other, in the order of the calls. onnxruntime-web hangs forever when two of its
 * calls overlap, so every create, run and release goes through one of these.
 */
export class SerialQueue implements CallQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param signal takes a task that still waits out of the queue at once; one that runs must look at it itself
   * @returns what the task returns; a failed task does not stop those behind it
   */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = new AbortController();
    const result = this.#tail.then(() => {
      leave.abort();
      throwIfAborted(signal);
      return task();
    });
    this.#tail = result.catch(() => {});
    if (!signal) return result;
    return new Promise<T>((resolve, reject) => {
      result.then(resolve, reject);
      const cancel = () => reject(cancelled(signal.reason));
      signal.addEventListener('abort', cancel, { once: true, signal: leave.signal });
      if (signal.aborted) cancel();
    });
  }
}
