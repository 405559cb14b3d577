import { LeapError } from '../../errors';
import { Interrupted } from './retry';
import { StallWatch } from './stall-watch';

/** Where the body of an answer lies in the file. */
export interface BodyPlace {
  /** Offset of its first byte. */
  at: number;
  /** Offset after its last one; absent: the body is the whole file, to its end. */
  end?: number;
}

/** The body of one answer, and where in the file it is. */
export class HttpStream {
  /** Offset in the file of the next byte. */
  at = 0;
  readonly #watch: StallWatch;
  readonly #onBytes: (bytes: number, waitedMs: number) => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes that came behind those that were asked for. */
  #rest: Uint8Array | undefined;
  /** Undefined for the whole file. */
  #end: number | undefined;

  /**
   * @param patience a connection that brings less than 16 KiB in so many milliseconds is given up
   * @param onBytes takes each piece's bytes, and the milliseconds of waiting for it; what it throws ends the reading
   */
  constructor(
    patience: number,
    signal: AbortSignal | undefined,
    onBytes: (bytes: number, waitedMs: number) => void,
  ) {
    this.#watch = new StallWatch(patience, signal);
    this.#onBytes = onBytes;
  }

  /** @throws Interrupted when no answer comes */
  async open(request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    const response = await this.#waitFor(() => request(this.#watch.signal));
    this.#watch.count();
    this.#reader = response.body?.getReader();
    return response;
  }

  begin({ at, end }: BodyPlace): void {
    this.at = at;
    this.#end = end;
  }

  /** True when reading on leads to this offset: in an answer with the whole file. */
  leadsTo(offset: number): boolean {
    return this.#end === undefined && offset >= this.at;
  }

  /**
   * The next piece between the two offsets; an empty one while the body is still before them.
   *
   * @returns undefined at the end of the body
   * @throws Interrupted when the connection breaks or nothing comes, TooMuch
   */
  async next(begin: number, end: number): Promise<Uint8Array | undefined> {
    const piece = this.#rest ?? (await this.#receive());
    this.#rest = undefined;
    if (!piece) return undefined;
    if (this.#end !== undefined && this.at + piece.length > this.#end) throw new TooMuch();
    const from = Math.min(Math.max(begin - this.at, 0), piece.length);
    const to = Math.min(Math.max(end - this.at, from), piece.length);
    if (to < piece.length) this.#rest = piece.subarray(to);
    this.at += to;
    return piece.subarray(from, to);
  }

  /**
   * Makes sure, after the last byte of a range, that the server sends nothing more. If it does, the bytes before may be
   * wrong too.
   *
   * @throws TooMuch
   */
  async checkEnd(): Promise<void> {
    if (this.#end === undefined || this.at < this.#end) return;
    // All that was wanted is here, even if the connection breaks now.
    const more = await this.#receive().catch(() => undefined);
    if (more && more.length > 0) throw new TooMuch();
  }

  close(): void {
    this.#watch.stop();
    this.#reader?.cancel().catch(() => {});
  }

  async #receive(): Promise<Uint8Array | undefined> {
    const reader = this.#reader;
    if (!reader) return undefined;
    const start = performance.now();
    const { done, value } = await this.#waitFor(() => reader.read());
    if (done) return undefined;
    this.#watch.count(value.length);
    this.#onBytes(value.length, performance.now() - start);
    return value;
  }

  async #waitFor<T>(work: () => Promise<T>): Promise<T> {
    this.#watch.start();
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof LeapError) throw thrown;
      const reason = this.#watch.stalled ? 'no data came for a while' : 'the connection broke';
      throw new Interrupted(reason, { cause: thrown });
    } finally {
      this.#watch.stop();
    }
  }
}

/** A server sent more than the range that it was asked for: what came is some other part of the file. */
export class TooMuch extends Error {}
