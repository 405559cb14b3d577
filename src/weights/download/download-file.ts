import { LeapError, throwIfAborted } from '../../errors';
import { sha256 } from '../sha256';
import { ByteSink } from './byte-sink';
import { type Accepted, checkResponse, type SoFar } from './check-response';
import {
  DEFAULT_RETRIES,
  DEFAULT_STALL_AFTER,
  delayAfter,
  giveUp,
  Interrupted,
  PROGRESS_BYTES,
  wait,
} from './retry';
import { StallWatch } from './stall-watch';

export type Fetch = typeof globalThis.fetch;

export interface DownloadOptions {
  /** Bytes of the whole file, where known. */
  bytes?: number;
  /** Lower-case hex, where known. */
  sha256?: string;
  /** Most bytes to accept where `bytes` is not given. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** Called for every piece; the total is undefined while nobody has said it. */
  onProgress?: (loadedBytes: number, totalBytes: number | undefined) => void;
  fetch?: Fetch;
  /** Failures in a row, without new bytes worth speaking of, after which to give up. */
  retries?: number;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stallAfter?: number;
}

const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * Downloads a file in one piece, over as many connections as it takes, and checks size and hash.
 *
 * @throws LeapError `download-failed`, `hash-mismatch`, `too-large`, `cancelled`
 */
export async function downloadFile(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const download = new Download(url, options);
  let failures = 0;
  for (;;) {
    const before = download.received;
    try {
      return await download.finish();
    } catch (thrown) {
      throwIfAborted(options.signal);
      if (!(thrown instanceof Interrupted)) throw thrown;
      failures = download.received - before >= PROGRESS_BYTES ? 1 : failures + 1;
      const delay = delayAfter(thrown, failures);
      const tooMany = Math.max(failures, download.restarts) > (options.retries ?? DEFAULT_RETRIES);
      if (delay === undefined || tooMany) throw giveUp(url, thrown);
      await wait(delay, options.signal);
    }
  }
}

/** One file on its way, across connections. */
class Download {
  /** How often everything that had come was thrown away. */
  restarts = 0;
  readonly #url: string;
  readonly #options: DownloadOptions;
  readonly #sink: ByteSink;
  #etag: string | null = null;
  #total: number | undefined;
  /** Whether what is here came over more than one connection. */
  #joined = false;

  constructor(url: string, options: DownloadOptions) {
    this.#url = url;
    this.#options = options;
    this.#total = options.bytes;
    this.#sink = new ByteSink(options.bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  }

  get received(): number {
    return this.#sink.length;
  }

  /** Fetches what is missing. @throws Interrupted when another attempt may help */
  async finish(): Promise<Uint8Array> {
    if (this.#total === undefined || this.received < this.#total) await this.#fetchRest();
    await this.#checkHash();
    return this.#sink.bytes();
  }

  async #fetchRest(): Promise<void> {
    const watch = new StallWatch(this.#options.stallAfter ?? DEFAULT_STALL_AFTER, this.#options.signal);
    try {
      const response = await this.#request(watch.signal);
      const accepted = this.#accept(response);
      await this.#read(response, watch);
      this.#checkEnd(accepted);
    } catch (thrown) {
      if (thrown instanceof LeapError || thrown instanceof Interrupted) throw thrown;
      const reason = watch.stalled ? 'no data came for a while' : 'the connection broke';
      throw new Interrupted(reason, { cause: thrown });
    } finally {
      watch.stop();
    }
  }

  #request(signal: AbortSignal): Promise<Response> {
    const headers = new Headers();
    if (this.received > 0) {
      headers.set('Range', `bytes=${this.received}-`);
      // Another origin would have to allow If-Range in a preflight; there the ETag of the answer is compared.
      const strong = this.#etag !== null && !this.#etag.startsWith('W/');
      if (strong && isOwnOrigin(this.#url)) headers.set('If-Range', this.#etag!);
    }
    const fetch = this.#options.fetch ?? globalThis.fetch;
    // no-store: the copy that counts is ours, and a second one in the browser's cache would only take room.
    return fetch(this.#url, { headers, signal, referrerPolicy: 'no-referrer', cache: 'no-store' });
  }

  #accept(response: Response): Accepted {
    const { received } = this;
    const soFar: SoFar = { url: this.#url, received, total: this.#options.bytes, etag: this.#etag };
    let accepted: Accepted;
    try {
      accepted = checkResponse(response, soFar);
    } catch (thrown) {
      if (thrown instanceof Interrupted && response.status === 206) this.#startAgain();
      response.body?.cancel().catch(() => {});
      throw thrown;
    }
    this.#joined = accepted.start > 0;
    if (accepted.start === 0) this.#sink.reset();
    this.#etag = accepted.etag;
    this.#total = this.#options.bytes ?? accepted.total;
    return accepted;
  }

  async #read(response: Response, watch: StallWatch): Promise<void> {
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        throwIfAborted(this.#options.signal);
        if (done) return;
        watch.touch();
        this.#sink.append(value);
        this.#options.onProgress?.(this.received, this.#total);
      }
    } catch (thrown) {
      reader.cancel().catch(() => {});
      throw thrown;
    }
  }

  #checkEnd({ total }: Accepted): void {
    const expected = this.#total;
    if (expected === undefined || this.received === expected) return;
    if (total === this.received) {
      const message = `${this.#url} has ${total} bytes instead of ${expected}.`;
      throw new LeapError('hash-mismatch', message, { url: this.#url, expected, actual: total });
    }
    throw new Interrupted(`the connection ended after ${this.received} of ${expected} bytes`);
  }

  async #checkHash(): Promise<void> {
    const expected = this.#options.sha256;
    if (expected === undefined) return;
    const actual = await sha256(this.#sink.bytes());
    throwIfAborted(this.#options.signal);
    if (actual === expected) return;
    // Parts of two versions of the file: worth one more try, in one piece.
    if (this.#joined && this.restarts === 0) {
      this.#startAgain();
      throw new Interrupted('the parts that came do not belong together');
    }
    const message = `${this.#url} is not the expected file: its hash differs.`;
    throw new LeapError('hash-mismatch', message, { url: this.#url, expected, actual });
  }

  #startAgain(): void {
    this.restarts++;
    this.#sink.reset();
    this.#joined = false;
    this.#etag = null;
  }
}

function isOwnOrigin(url: string): boolean {
  // Node has no location, and no preflights either.
  const location = globalThis.location as Location | undefined;
  return !location || new URL(url).origin === location.origin;
}
