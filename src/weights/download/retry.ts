import { defined } from '../../defined';
import { LeapError, throwIfAborted } from '../../errors';

/** Milliseconds before the first retry; doubled for each one after it. */
const FIRST_DELAY = 300;
const LONGEST_DELAY = 10_000;
/** A server that asks for more patience than this gets an error instead. */
const LONGEST_RETRY_AFTER = 60_000;

/** We give up after so many failures in a row, none of which brought 256 KiB. */
export const DEFAULT_RETRIES = 4;
/** An attempt that brought as much as this was not in vain: the count of failures starts again. */
const PROGRESS_BYTES = 256 * 1024;
/** A connection counts as broken when it brings less than 16 KiB in so many milliseconds. */
export const DEFAULT_STALL_AFTER = 30_000;
/** Milliseconds of waiting for one file before its pace counts. */
export const DEFAULT_SLOW_AFTER = 600_000;
/** How often to begin again when the file changes while it is being read. */
export const MAX_CHANGES = 2;

/** Something that may go better the next time: a broken connection, a busy server. */
export class Interrupted extends Error {
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | undefined;
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { cause?: unknown; retryAfter?: number | undefined; status?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
    this.status = options.status;
  }
}

/**
 * How long to wait after the nth failure in a row (from 1).
 * @returns milliseconds; undefined when waiting is not worth it
 */
export function delayAfter(failure: Interrupted, n: number): number | undefined {
  if (failure.retryAfter === undefined) return Math.min(FIRST_DELAY * 2 ** (n - 1), LONGEST_DELAY);
  return failure.retryAfter <= LONGEST_RETRY_AFTER ? failure.retryAfter : undefined;
}

/** The Retry-After header, which holds seconds or a date. @returns milliseconds from now */
export function readRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** @throws LeapError `cancelled`, at once when the signal is aborted */
async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
  throwIfAborted(signal);
}

/** Counts the failures in a row of one file, and waits before each new attempt. */
export class Retries {
  readonly #url: string;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;

  constructor(url: string, limit: number, signal: AbortSignal | undefined) {
    this.#url = url;
    this.#limit = limit;
    this.#signal = signal;
  }

  /**
   * Returns when it is time for the next attempt.
   *
   * @param thrown by the last attempt
   * @param newBytes how many bytes the attempt brought; after enough of them, failures are counted from one again
   * @throws LeapError `cancelled`, `download-failed` after too many failures, and errors that another attempt cannot fix
   */
  async waitAfter(thrown: unknown, newBytes: number): Promise<void> {
    throwIfAborted(this.#signal);
    if (!(thrown instanceof Interrupted)) throw thrown;
    this.#failures = newBytes >= PROGRESS_BYTES ? 1 : this.#failures + 1;
    const delay = delayAfter(thrown, this.#failures);
    if (isOffline(thrown)) throw giveUp(this.#url, thrown, 'this machine has no network');
    if (delay === undefined || this.#failures > this.#limit) throw giveUp(this.#url, thrown);
    await wait(delay, this.#signal);
  }
}

/** No server answered, and the browser says that there is no network: the next attempt would go the same way. */
function isOffline({ status }: Interrupted): boolean {
  return status === undefined && globalThis.navigator?.onLine === false;
}

/** What becomes of the last failure. */
function giveUp(url: string, failure: Interrupted, why = failure.message): LeapError {
  const { status, retryAfter, cause } = failure;
  const later = retryAfter === undefined ? '' : ` It asks to wait for ${Math.ceil(retryAfter / 1000)} s.`;
  return new LeapError(
    'download-failed',
    `${url} could not be fetched: ${why}.${later}`,
    defined({ url, status }),
    { cause },
  );
}
