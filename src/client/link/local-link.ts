import { cancelled, closed, type LeapError, throwIfAborted, toLeapError } from '../../errors';
import type { WorkerService } from '../protocol';
import type { ServiceLink, Work } from './service-link';

/** A worker is ended; a service in this thread has to be told. */
type LocalService = WorkerService & { close(): Promise<void> };

/** A service in this thread. */
export class LocalLink implements ServiceLink {
  readonly #service: LocalService;
  readonly #waiting = new Set<(reason: LeapError) => void>();
  #end: LeapError | undefined;

  constructor(service: LocalService) {
    this.#service = service;
  }

  /** @throws LeapError `closed`, `cancelled`, and whatever the service throws */
  call<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      throwIfAborted(signal);
      const cancel = () => reject(cancelled(signal?.reason));
      this.#waiting.add(reject);
      signal?.addEventListener('abort', cancel, { once: true });
      // Async, as the work may throw.
      const attempt = async () => work(this.#service, () => {});
      attempt()
        .then(resolve, (thrown) => reject(toLeapError(thrown)))
        .finally(() => {
          this.#waiting.delete(reject);
          signal?.removeEventListener('abort', cancel);
        });
    });
  }

  /** Callers that still wait are told `closed`. The device is given back once the current job has stopped. */
  async close(): Promise<void> {
    this.#end ??= closed();
    for (const reject of this.#waiting) reject(this.#end);
    this.#waiting.clear();
    await this.#service.close();
  }
}
