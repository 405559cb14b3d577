import { type Remote, releaseProxy, wrap } from 'comlink';
import { cancelled, closed, LeapError, throwIfAborted } from '../../errors';
import type { WorkerService } from '../protocol';
import { installTransferHandlers } from '../transfer-handlers';
import { explainCloning } from './explain-cloning';
import type { ServiceLink, Work } from './service-link';
import { type SilenceLimits, Watchdog } from './watchdog';
import type { WorkerLike } from './worker-like';

/** Only a script that does not load ends in an error without a message. */
const NOT_LOADED =
  "The worker's script did not load. The network may be down, the content security policy may forbid it (worker-src), or a bundler may have left worker.js behind: docs/embedding.md says what each needs. The option worker takes another address.";

/**
 * A worker, and the promises that wait for it. Comlink leaves promises pending forever when the worker dies
 * (comlink issue 601) or hangs; here each of them rejects.
 */
export class WorkerLink implements ServiceLink {
  readonly remote: Remote<WorkerService>;
  /** Called once, when the worker has been silent for too long. */
  onHung: (reason: string) => void = (reason) => this.die(reason);
  readonly #worker: WorkerLike;
  readonly #waiting = new Set<(reason: LeapError) => void>();
  readonly #watchdog: Watchdog;
  readonly #stopWatching = new AbortController();
  #end: LeapError | undefined;

  constructor(worker: WorkerLike, limits: SilenceLimits) {
    installTransferHandlers();
    this.#worker = worker;
    this.#watchdog = new Watchdog(limits, (ms) =>
      this.onHung(`it did not answer for ${Math.round(ms / 1000)} seconds`),
    );
    worker.addEventListener('error', (event) => {
      const { message } = event as ErrorEvent;
      if (message) this.die(message);
      else this.end(new LeapError('worker-died', NOT_LOADED, { reason: 'script' }));
    });
    worker.addEventListener('messageerror', () => this.die('a message could not be read'));
    this.remote = wrap<WorkerService>(worker as Worker);
  }

  /**
   * Runs one call on the worker.
   * @param signal rejects at once, whatever the worker is doing
   * @throws LeapError `worker-died` or `closed`, also in mid-call; `cancelled`; otherwise whatever the worker threw
   */
  call<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      throwIfAborted(signal);
      const watched = this.#watchdog.begin();
      const settle = () => {
        this.#waiting.delete(reject);
        signal?.removeEventListener('abort', abandon);
      };
      const abandon = () => {
        watched.abandon();
        settle();
        reject(cancelled(signal?.reason));
      };
      this.#waiting.add(reject);
      signal?.addEventListener('abort', abandon, { once: true });
      // Async, so that what throws before it calls the worker ends the call, too.
      const attempt = async () => work(this.remote as unknown as WorkerService, watched.touch);
      attempt()
        .then(resolve, (thrown) => reject(explainCloning(thrown)))
        .finally(() => {
          watched.end();
          settle();
        });
    });
  }

  /** The worker has given a sign of life that belongs to no call. */
  touch(): void {
    this.#watchdog.touch();
  }

  /**
   * A worker that closes itself or is killed sends no event at all. But it loses its Web Locks: whoever waits
   * for the lock that it held is told.
   */
  watchLock(name: string): void {
    navigator.locks
      .request(name, { signal: this.#stopWatching.signal }, () => this.die('it was ended'))
      .catch(() => {
        // Aborted by close(): nobody waits any more.
      });
  }

  close(): void {
    this.end(closed());
  }

  die(reason: string): void {
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
    this.#watchdog.stop();
    this.#stopWatching.abort();
    this.remote[releaseProxy]();
    this.#worker.terminate?.();
    for (const reject of this.#waiting) reject(end);
    this.#waiting.clear();
  }
}
