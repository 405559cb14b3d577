import { orAborted } from '../../errors';

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
  /** The last progress, for callers who come later. */
  latest: Progress | undefined;
}

/**
 * Runs one task per key at a time. A caller who asks for a key in progress waits for the same result. A caller's signal
 * ends only that caller's waiting. The task is aborted when nobody waits any more.
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
    try {
      return await orAborted(running.promise, signal);
    } finally {
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
    // Nobody listens when an abandoned task rejects.
    running.promise.catch(() => {});
    this.#running.set(key, running);
    return running;
  }

  /** Called at the end, or when the last caller has left. The next caller starts a new task. */
  #abandon(key: string, running: Running<Result, Progress>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.cancel.abort();
  }
}
