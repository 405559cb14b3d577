import { LeapError, throwIfAborted } from '../../errors';
import type { ByteSource } from '../checkpoint/byte-source';
import { ByteSink } from './byte-sink';
import { checkResponse, FileChanged, type FileFacts } from './check-response';
import type { Fetch } from './fetch';
import { HttpStream, TooMuch } from './http-stream';
import { DEFAULT_RETRIES, DEFAULT_SLOW_AFTER, DEFAULT_STALL_AFTER, Interrupted, Retries } from './retry';

/** After this many requests for a range without any answer the whole file is asked for. */
const ATTEMPTS_WITH_RANGE = 2;
/** Bytes in a millisecond, about 4 KiB a second: at less a model takes hours, and somebody has to be told. */
const SLOWEST = 4;

export interface HttpOptions {
  /** Bytes of the whole file, where known. */
  bytes?: number | undefined;
  signal?: AbortSignal | undefined;
  fetch?: Fetch | undefined;
  /** Failures in a row, none of which brought 256 KiB, after which to give up. */
  retries?: number | undefined;
  /** Milliseconds that bring less than 16 KiB, after which a connection counts as broken. */
  stallAfter?: number | undefined;
  /** Milliseconds of waiting for one file after which it has to come at {@link SLOWEST} on average. */
  slowAfter?: number | undefined;
}

/**
 * A file at a server, read in ranges or as a whole, over as many connections as it takes. All answers must come from
 * the same version of the file. If a server sends the whole file instead of a range, the range is picked out of it.
 */
export class HttpFile implements ByteSource {
  readonly name: string;
  /** Bodies' bytes that came, those that were not wanted included. */
  received = 0;
  /** Connections that brought a usable answer. */
  connections = 0;
  readonly #options: HttpOptions;
  /** Milliseconds of waiting for bodies. */
  #waited = 0;
  #facts: FileFacts | undefined;
  #stream: HttpStream | undefined;
  #head: Uint8Array = new Uint8Array();
  /** Requests since the last answer. */
  #unanswered = 0;
  /** Known from the first answer on. */
  #withoutRanges: boolean | undefined;

  constructor(url: string, options: HttpOptions) {
    this.name = url;
    this.#options = options;
  }

  /**
   * A file whose first bytes are here, and whose size is known if the server says it.
   *
   * @param head bytes of the first request
   * @throws LeapError `download-failed`, `gated`, `hash-mismatch` (of another size), `cancelled`
   */
  static async open(url: string, { head, ...options }: HttpOptions & { head: number }): Promise<HttpFile> {
    const file = new HttpFile(url, options);
    const retries = file.#countRetries();
    for (;;) {
      try {
        await file.#readHead(head);
        return file;
      } catch (thrown) {
        file.close();
        const changed = thrown instanceof FileChanged;
        // Nobody has taken anything of it yet, so it is just begun again.
        if (changed) file.#facts = undefined;
        const reason = 'the server sent more than was asked for, or another version of the file';
        await retries.waitAfter(changed ? new Interrupted(reason) : thrown, 0);
      }
    }
  }

  /** Set by the first answer; 0 where the server does not say it. */
  get size(): number {
    return this.#facts?.size ?? 0;
  }

  /** The commit that the hub says it serves, where the browser lets that header through. */
  get commit(): string | null {
    return this.#facts?.commit ?? null;
  }

  /** What all parts of one file have in common. */
  get version(): string {
    const { size, etag, lastModified, commit } = this.#facts ?? {};
    return [this.name, size, etag ?? lastModified, commit].join('\n');
  }

  /**
   * @param end Infinity: up to the end of the file, wherever that is
   * @throws FileChanged, and LeapError as {@link open}
   */
  async *read(begin: number, end = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
    const known = this.#head.subarray(begin, end);
    if (known.length > 0) yield known;
    let at = begin + known.length;
    const retries = this.#countRetries();
    while (at < end) {
      const before = at;
      try {
        for await (const piece of this.#readOnce(at, end)) {
          at += piece.length;
          yield piece;
        }
        const last = Math.min(end, this.#facts?.size ?? at);
        if (at >= last) return;
        throw new Interrupted(`the connection ended after ${at} of ${last} bytes`);
      } catch (thrown) {
        this.close();
        await retries.waitAfter(thrown, at - before);
      }
    }
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #countRetries(): Retries {
    const { retries = DEFAULT_RETRIES, signal } = this.#options;
    return new Retries(this.name, retries, signal);
  }

  /** Keeps the first bytes: the header ends somewhere among them, and what is wanted may begin there. */
  async #readHead(head: number): Promise<void> {
    const sink = new ByteSink(undefined, head);
    for await (const piece of this.#readOnce(0, head)) sink.append(piece);
    if (sink.length < Math.min(head, this.size)) {
      throw new Interrupted(`the connection ended after ${sink.length} of ${this.size} bytes`);
    }
    this.#head = sink.bytes();
  }

  /** From the connection that is open, if it is on the way to these bytes; else from a new one. */
  async *#readOnce(begin: number, end: number): AsyncGenerator<Uint8Array> {
    if (!this.#stream?.leadsTo(begin)) {
      this.close();
      this.#stream = await this.#request(begin, end);
    }
    const stream = this.#stream;
    try {
      while (stream.at < end) {
        const piece = await stream.next(begin, end);
        if (!piece) return;
        if (piece.length > 0) yield piece;
      }
      await stream.checkEnd();
    } catch (thrown) {
      if (!(thrown instanceof TooMuch)) throw thrown;
      // The bytes of this range are wrong, and the caller may have taken them already.
      this.#withoutRanges = true;
      throw new FileChanged();
    }
  }

  async #request(begin: number, end: number): Promise<HttpStream> {
    const { signal, bytes, stallAfter = DEFAULT_STALL_AFTER, fetch = globalThis.fetch } = this.#options;
    throwIfAborted(signal);
    const stream = new HttpStream(stallAfter, signal, (count, waited) => this.#count(count, waited));
    try {
      const whole = this.#wantsWhole();
      this.#unanswered++;
      const response = await stream.open((connection) =>
        fetch(this.name, {
          headers: whole ? {} : this.#rangeHeaders(begin, end),
          signal: connection,
          referrerPolicy: 'no-referrer',
          // We keep our own copy, so one in the browser's cache would only take room.
          cache: 'no-store',
        }),
      );
      this.#unanswered = 0;
      this.#withoutRanges = whole;
      const asked = { url: this.name, begin, end };
      const { facts, ...place } = checkResponse(response, asked, bytes || undefined, this.#facts);
      this.#facts ??= facts;
      this.connections++;
      stream.begin(place);
      return stream;
    } catch (thrown) {
      stream.close();
      if (!(thrown instanceof TooMuch)) throw thrown;
      this.#withoutRanges = true;
      throw new Interrupted('the server sent more than was asked for');
    }
  }

  /** @throws LeapError `download-failed` when all of it comes too slowly */
  #count(bytes: number, waited: number): void {
    this.received += bytes;
    this.#waited += waited;
    const { slowAfter = DEFAULT_SLOW_AFTER } = this.#options;
    if (this.#waited <= slowAfter + this.received / SLOWEST) return;
    const seconds = Math.round(this.#waited / 1000);
    throw new LeapError(
      'download-failed',
      `${this.name} comes too slowly: ${this.received} bytes in ${seconds} s. Try again later.`,
      { url: this.name, bytes: this.received, seconds },
    );
  }

  /** A plain range, with one end or both, needs no preflight. */
  #rangeHeaders(begin: number, end: number): Record<string, string> {
    if (begin === 0 && end === Number.POSITIVE_INFINITY) return {};
    const range = { Range: `bytes=${begin}-${Number.isFinite(end) ? end - 1 : ''}` };
    const etag = this.#facts?.etag;
    // Another origin would have to allow If-Range in a preflight. There we compare the ETag of the answer.
    return etag && !etag.startsWith('W/') && isOwnOrigin(this.name) ? { ...range, 'If-Range': etag } : range;
  }

  /**
   * Some browsers ask for permission before they send a range, and some content servers do not answer that
   * (huggingface/datasets issue 7931). The whole file is better than nothing.
   */
  #wantsWhole(): boolean {
    return this.#withoutRanges ?? this.#unanswered >= ATTEMPTS_WITH_RANGE;
  }
}

function isOwnOrigin(url: string): boolean {
  // Node has neither a location nor preflights.
  const location = globalThis.location as Location | undefined;
  return !location || new URL(url).origin === location.origin;
}
