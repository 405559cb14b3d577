import type { Remote } from 'comlink';
import { LeapError } from '../errors';
import type { WorkerService } from './protocol';
import type { WorkerLink } from './worker-link';

/** Ends the calls of a worker that is replaced; told to nobody, as they begin again on the next one. */
const REPLACED = new LeapError('worker-died', 'The worker ran out of memory and was replaced.');

/** The way to a worker that a fresh one may replace while calls are under way. */
export class RenewableLink {
  readonly #startAnother: (() => Promise<WorkerLink>) | undefined;
  #current: Promise<WorkerLink>;
  #closed = false;

  /** @param startAnother opens the link to a fresh worker; without it there is never another */
  constructor(link: WorkerLink, startAnother: (() => Promise<WorkerLink>) | undefined) {
    this.#current = Promise.resolve(link);
    this.#startAnother = startAnother;
  }

  /**
   * Runs one call, again if its worker is replaced for the sake of another call.
   * @param work is told the link that it runs on, for {@link renew}
   * @throws LeapError as {@link WorkerLink.call}
   */
  async call<T>(work: (remote: Remote<WorkerService>, link: WorkerLink) => Promise<T>): Promise<T> {
    for (;;) {
      const link = await this.#current;
      try {
        return await link.call((remote) => work(remote, link));
      } catch (thrown) {
        if (thrown !== REPLACED) throw thrown;
      }
    }
  }

  /**
   * Replaces the worker that memory has run out in: its memory never shrinks, and an allocation that failed may have
   * ended its runtime. Does nothing when it has been replaced already.
   * @returns false when there is no way to start another
   */
  async renew(used: WorkerLink): Promise<boolean> {
    const startAnother = this.#startAnother;
    if (!startAnother) return false;
    const current = this.#current;
    if ((await current) === used && this.#current === current)
      this.#current = this.#replace(used, startAnother);
    await this.#current;
    return true;
  }

  async #replace(used: WorkerLink, startAnother: () => Promise<WorkerLink>): Promise<WorkerLink> {
    used.end(REPLACED);
    const link = await startAnother();
    if (this.#closed) link.close();
    return link;
  }

  /** Whoever still waits is told `closed`; a worker that is just being started ends as soon as it is there. */
  async close(): Promise<void> {
    this.#closed = true;
    const link = await this.#current.catch(() => undefined);
    link?.close();
  }
}
