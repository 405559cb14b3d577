import { LeapError } from '../../errors';

/** Work that several callers may wait for. */
export type Task<Result, Progress> = (
  signal: AbortSignal,
  report: (progress: Progress) => void,
) => Promise<Result>;

interface Waiter<Progress> {
  report: (progress: Progress) => void;
}

interface Running<Result, Progress> {
  promise: Promise<Result>;
  cancel: AbortController;
  waiters: Set<Waiter<Progress>>;
  /** For those who come later. */
  latest: Progress | undefined;
}

/**
 * Runs one task per key at a time: who asks for a key that is being worked on waits for the same result. A caller's
 * signal ends only the caller's waiting; the task is aborted when nobody waits any more.
 */
export class SharedTasks<Result, Progress> {
  readonly #running = new Map<string, Running<Result, Progress>>();

  /** @throws LeapError `cancelled`, and whatever the task throws */
  async run(
    key: string,
    task: Task<Result, Progress>,
    report: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<Result> {
    const running = this.#running.get(key) ?? this.#start(key, task);
    const waiter = { report };
    running.waiters.add(waiter);
    if (running.latest !== undefined) report(running.latest);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new LeapError('cancelled', 'The operation was cancelled.'));
    });
    signal?.addEventListener('abort', leave);
    if (signal?.aborted) leave();
    try {
      return await Promise.race([running.promise, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      running.waiters.delete(waiter);
      if (running.waiters.size === 0) this.#abandon(key, running);
    }
  }

  #start(key: string, task: Task<Result, Progress>): Running<Result, Progress> {
    const cancel = new AbortController();
    const running: Running<Result, Progress> = {
      cancel,
      waiters: new Set(),
      latest: undefined,
      promise: task(cancel.signal, (progress) => {
        running.latest = progress;
        for (const waiter of running.waiters) waiter.report(progress);
      }),
    };
    // A task that was abandoned rejects with nobody listening.
    running.promise.catch(() => {});
    this.#running.set(key, running);
    return running;
  }

  /** At the end, or when the last caller left: the next one starts afresh. */
  #abandon(key: string, running: Running<Result, Progress>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.cancel.abort();
  }
}
