import { closed, LeapError, orAborted, toLeapError } from '../../errors';
import type { Work } from './service-link';
import { Turns } from './turns';
import type { WorkerLink } from './worker-link';

/** These end the calls of a worker that is replaced. Nobody is told: the calls begin again on the next one. */
const OUTGROWN = new LeapError('worker-died', 'The worker ran out of memory and was replaced.');
const HUNG = new LeapError('worker-died', 'The worker did not answer and was replaced.');
const SPENT = new LeapError('worker-died', 'The runtime lost its GPU device, and the worker was replaced.');

/**
 * Opens the link to a fresh worker. `outgrown`: memory ran out in the last one. `spent`: its runtime has lost its GPU device
 * and takes no other.
 */
export type StartAnother = (why: 'outgrown' | 'hung' | 'spent') => Promise<WorkerLink>;

/** The way to a worker that a fresh one may replace while calls are in progress. */
export class RenewableLink {
  readonly #startAnother: StartAnother | undefined;
  #current: Promise<WorkerLink>;
  /** Why a worker was to be opened that could not be: the next call tries again. */
  #unopened: Parameters<StartAnother>[0] | undefined;
  /** Aborted by {@link close}. */
  readonly #closing = new AbortController();
  /** The calls that a worker may have hung on. */
  readonly #suspects = new Turns();

  /** @param startAnother without it there is never another worker */
  constructor(link: WorkerLink, startAnother: StartAnother | undefined) {
    this.#startAnother = startAnother;
    this.#current = Promise.resolve(this.#watch(link));
  }

  /**
   * Runs one call, and runs it again if its worker is replaced because of another call. When a worker hangs, any of its
   * calls may be the cause, so they are repeated one after the other. The one that hangs again is given up.
   * @param work is told the link that it runs on, for {@link renew}
   * @throws LeapError as {@link WorkerLink.call}
   */
  async call<T>(
    work: (...call: [...Parameters<Work<T>>, link: WorkerLink]) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    let spent = false;
    for (let hung = 0; ; ) {
      const leave = hung > 0 ? await this.#suspects.take(signal) : undefined;
      let link: WorkerLink | undefined;
      try {
        const used = await this.#opened(signal);
        link = used;
        return await used.call((service, touch) => work(service, touch, used), signal);
      } catch (thrown) {
        if (thrown === HUNG && ++hung > 1) {
          throw new LeapError('worker-died', 'Two workers in a row did not answer this call.', {
            reason: 'silence',
          });
        }
        if (thrown === OUTGROWN || thrown === HUNG || thrown === SPENT) continue;
        const { detail } = toLeapError(thrown);
        if (spent || !link || !detail.spent || !(await orAborted(this.#replace(link, SPENT), signal)))
          throw thrown;
        spent = true;
      } finally {
        leave?.();
      }
    }
  }

  /**
   * Replaces the worker that memory has run out in: its memory never shrinks, and an allocation that failed may have
   * ended its runtime. Does nothing when it has been replaced already.
   * @param signal ends the wait for the next one
   * @returns false when there is no way to start another
   * @throws LeapError `cancelled`, and what opening the next one throws
   */
  renew(used: WorkerLink, signal?: AbortSignal): Promise<boolean> {
    return orAborted(this.#replace(used, OUTGROWN), signal);
  }

  async #replace(used: WorkerLink, reason: typeof OUTGROWN): Promise<boolean> {
    const startAnother = this.#startAnother;
    if (!startAnother) return false;
    const current = this.#current;
    if ((await current) === used && this.#current === current) {
      const why = reason === HUNG ? 'hung' : reason === SPENT ? 'spent' : 'outgrown';
      this.#start(startAnother, why);
      used.end(reason);
    }
    await this.#current;
    return true;
  }

  /** The worker of now. One that is being started may take long, and nobody who leaves waits for it. */
  #opened(signal: AbortSignal | undefined): Promise<WorkerLink> {
    const closing = this.#closing.signal;
    if (this.#unopened && this.#startAnother && !closing.aborted)
      this.#start(this.#startAnother, this.#unopened);
    return orAborted(orAborted(this.#current, signal), closing, closed);
  }

  #start(startAnother: StartAnother, why: Parameters<StartAnother>[0]): void {
    this.#unopened = undefined;
    // Async, as what the host makes its worker with may throw.
    const open = async () => startAnother(why);
    this.#current = open().then((link) => {
      this.#watch(link);
      if (this.#closing.signal.aborted) link.close();
      return link;
    });
    this.#current.catch(() => {
      this.#unopened = why;
    });
  }

  #watch(link: WorkerLink): WorkerLink {
    if (this.#startAnother) {
      // What opening the next one throws is told to the calls.
      link.onHung = () => void this.#replace(link, HUNG).catch(() => {});
    }
    return link;
  }

  /** Whoever still waits is told `closed`; a worker that is just being started ends as soon as it is there. */
  async close(): Promise<void> {
    this.#closing.abort();
    void this.#current.then(
      (link) => link.close(),
      () => {},
    );
  }
}
