import { type Remote, releaseProxy, wrap } from 'comlink';
import { LeapError, toLeapError } from '../errors';
import type { WorkerService } from './protocol';
import { installTransferHandlers } from './transfer-handlers';

/** The part of `Worker` that is used, so that tests can put a MessagePort in its place. */
export interface WorkerLike extends EventTarget {
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate?(): void;
}

/**
 * A worker, and the promises that wait for it. Comlink leaves promises pending for ever when the worker dies
 * (comlink issue 601); here each of them rejects.
 */
export class WorkerLink {
  readonly remote: Remote<WorkerService>;
  readonly #worker: WorkerLike;
  readonly #waiting = new Set<(reason: LeapError) => void>();
  #end: LeapError | undefined;
  #stopWatching = new AbortController();

  constructor(worker: WorkerLike) {
    installTransferHandlers();
    this.#worker = worker;
    worker.addEventListener('error', (event) =>
      this.#died((event as ErrorEvent).message || 'it failed to start'),
    );
    worker.addEventListener('messageerror', () => this.#died('a message could not be read'));
    this.remote = wrap<WorkerService>(worker as Worker);
  }

  /**
   * Runs one call on the worker.
   * @throws LeapError `worker-died` or `closed`, also in mid-call; otherwise whatever the worker threw.
   */
  call<T>(work: (remote: Remote<WorkerService>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      this.#waiting.add(reject);
      work(this.remote)
        .then(resolve, (thrown) => reject(toLeapError(thrown)))
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /**
   * A worker that closes itself or is killed sends no event at all. But it loses its Web Locks: whoever waits
   * for the lock that it held is told.
   */
  watchLock(name: string): void {
    navigator.locks
      .request(name, { signal: this.#stopWatching.signal }, () => this.#died('it was ended'))
      .catch(() => {
        // Aborted by close(): nobody waits any more.
      });
  }

  close(): void {
    this.end(new LeapError('closed', 'The upscaler was closed.'));
  }

  #died(reason: string): void {
    this.end(
      new LeapError('worker-died', `The worker died (${reason}). Create a new upscaler to go on.`, {
        reason,
      }),
    );
  }

  /** Ends the worker. @param end what is told to those who still wait, and to those who call later */
  end(end: LeapError): void {
    if (this.#end) return;
    this.#end = end;
    this.#stopWatching.abort();
    this.remote[releaseProxy]();
    this.#worker.terminate?.();
    for (const reject of this.#waiting) reject(end);
    this.#waiting.clear();
  }
}
