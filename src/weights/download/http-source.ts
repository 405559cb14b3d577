import { LeapError, throwIfAborted } from '../../errors';
import type { ByteSource } from '../checkpoint/byte-source';
import { ByteSink } from './byte-sink';
import { checkResponse } from './check-response';
import type { Fetch } from './download-file';
import { HttpStream } from './http-stream';
import {
  DEFAULT_RETRIES,
  DEFAULT_STALL_AFTER,
  delayAfter,
  giveUp,
  Interrupted,
  PROGRESS_BYTES,
  wait,
} from './retry';

/** Bytes between two tensors that are rather read and thrown away than asked around. */
const MAX_SKIP = 128 * 1024;

/** After this many requests for a range without any answer the whole file is asked for. */
const ATTEMPTS_WITH_RANGE = 2;

export interface HttpOptions {
  /** Bytes of the whole file, where known. */
  bytes?: number | undefined;
  signal?: AbortSignal | undefined;
  fetch?: Fetch | undefined;
  retries?: number | undefined;
  stallAfter?: number | undefined;
  /** Bytes of the first request. */
  head: number;
}

/** The file at the address is no longer the one that parts were read of. */
export class FileChanged extends Error {}

/** A file at a server, read in ranges; servers that send the whole file instead are read along. */
export class HttpSource implements ByteSource {
  readonly name: string;
  /** Set by the first answer; 0 where the server does not say it. */
  size = 0;
  /** Bodies' bytes that came, those that were not wanted included. */
  received = 0;
  etag: string | null = null;
  /** The commit that the hub says it serves, where the browser lets that header through. */
  commit: string | null = null;
  readonly #options: HttpOptions;
  #stream: HttpStream | undefined;
  #head: Uint8Array = new Uint8Array();
  /** Requests since the last answer. */
  #unanswered = 0;
  /** Known from the first answer on. */
  #withoutRanges: boolean | undefined;

  private constructor(url: string, options: HttpOptions) {
    this.name = url;
    this.#options = options;
  }

  /** @throws LeapError `download-failed`, `gated`, `hash-mismatch` (of another size), `cancelled` */
  static async open(url: string, options: HttpOptions): Promise<HttpSource> {
    const source = new HttpSource(url, options);
    for (let failures = 1; ; failures++) {
      try {
        await source.#readHead();
        return source;
      } catch (thrown) {
        source.close();
        await source.#waitAfter(thrown, failures);
      }
    }
  }

  /** @throws FileChanged, and LeapError as {@link open} */
  async *read(begin: number, end: number): AsyncGenerator<Uint8Array> {
    const known = this.#head.subarray(begin, end);
    if (known.length > 0) yield known;
    let at = begin + known.length;
    let failures = 0;
    while (at < end) {
      const before = at;
      try {
        for await (const piece of this.#readOnce(at, end)) {
          at += piece.length;
          yield piece;
        }
        if (at < end) throw new Interrupted(`the connection ended at byte ${at} of ${this.size}`);
      } catch (thrown) {
        this.close();
        failures = at - before >= PROGRESS_BYTES ? 1 : failures + 1;
        await this.#waitAfter(thrown, failures);
      }
    }
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** Keeps the first bytes: the header ends somewhere among them, and what is wanted may begin there. */
  async #readHead(): Promise<void> {
    const { head } = this.#options;
    const sink = new ByteSink(undefined, head);
    this.#stream = await this.#request(0, head);
    while (this.#stream.at < head) {
      const piece = await this.#stream.next(0, head);
      if (!piece) break;
      sink.append(piece);
    }
    if (this.size > 0 && this.#stream.at < Math.min(head, this.size)) {
      throw new Interrupted(`the connection ended at byte ${this.#stream.at} of ${this.size}`);
    }
    this.#head = sink.bytes();
  }

  /** From the connection that is open, if it is on the way to these bytes; else from a new one. */
  async *#readOnce(begin: number, end: number): AsyncGenerator<Uint8Array> {
    if (!this.#stream?.leadsTo(begin, MAX_SKIP)) {
      this.close();
      this.#stream = await this.#request(begin, end);
    }
    const stream = this.#stream;
    while (stream.at < end) {
      const piece = await stream.next(begin, end);
      if (!piece) return;
      if (piece.length > 0) yield piece;
    }
  }

  async #request(begin: number, end: number): Promise<HttpStream> {
    const { signal, stallAfter = DEFAULT_STALL_AFTER, fetch = globalThis.fetch } = this.#options;
    throwIfAborted(signal);
    const stream = new HttpStream(stallAfter, signal, (bytes) => {
      this.received += bytes;
    });
    try {
      const whole = this.#wantsWhole();
      this.#unanswered++;
      // A range with both ends needs no preflight; no-store: the copy that counts is ours.
      const response = await stream.open((connection) =>
        fetch(this.name, {
          headers: whole ? {} : { Range: `bytes=${begin}-${end - 1}` },
          signal: connection,
          referrerPolicy: 'no-referrer',
          cache: 'no-store',
        }),
      );
      this.#unanswered = 0;
      this.#withoutRanges = whole;
      stream.begin(this.#accept(response, begin), response.status === 200);
      return stream;
    } catch (thrown) {
      stream.close();
      throw thrown;
    }
  }

  /**
   * Some browsers ask for permission before they send a range, and some content servers do not answer that
   * (huggingface/datasets issue 7931). The whole file is better than nothing.
   */
  #wantsWhole(): boolean {
    return this.#withoutRanges ?? this.#unanswered >= ATTEMPTS_WITH_RANGE;
  }

  /** @returns offset of the body's first byte */
  #accept(response: Response, begin: number): number {
    const known = this.size > 0 ? this.size : this.#options.bytes || undefined;
    const { etag } = this;
    try {
      const accepted = checkResponse(response, { url: this.name, received: begin, total: known, etag });
      const { total } = accepted;
      if (known !== undefined && total !== undefined && total !== known) throw this.#otherSize(total, known);
      if (etag !== null && accepted.etag !== null && accepted.etag !== etag) throw new FileChanged();
      const commit = response.headers.get('X-Repo-Commit');
      if (this.commit !== null && commit !== null && commit !== this.commit) throw new FileChanged();
      this.commit ??= commit;
      this.etag ??= accepted.etag;
      this.size = total ?? known ?? 0;
      return accepted.start;
    } catch (thrown) {
      // What was read already came from another file.
      const part = thrown instanceof Interrupted && response.status === 206;
      const size = thrown instanceof LeapError && thrown.code === 'hash-mismatch';
      if (this.size > 0 && (part || size)) throw new FileChanged();
      throw thrown;
    }
  }

  #otherSize(actual: number, expected: number): LeapError {
    const message = `${this.name} has ${actual} bytes instead of ${expected}.`;
    return new LeapError('hash-mismatch', message, { url: this.name, expected, actual });
  }

  async #waitAfter(thrown: unknown, failures: number): Promise<void> {
    const { signal, retries = DEFAULT_RETRIES } = this.#options;
    throwIfAborted(signal);
    if (!(thrown instanceof Interrupted)) throw thrown;
    const delay = delayAfter(thrown, failures);
    if (delay === undefined || failures > retries) throw giveUp(this.name, thrown);
    await wait(delay, signal);
  }
}
