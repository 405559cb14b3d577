import { LeapError } from '../../errors';
import { Interrupted } from './retry';
import { StallWatch } from './stall-watch';

/** The body of one answer, and where in the file it is. */
export class HttpStream {
  /** Offset in the file of the next byte. */
  at = 0;
  readonly #watch: StallWatch;
  readonly #onBytes: (bytes: number) => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What came with the bytes that were asked for, and follows them. */
  #rest: Uint8Array | undefined;
  #whole = false;

  /** @param stallAfter milliseconds without a byte after which the connection is given up */
  constructor(stallAfter: number, signal: AbortSignal | undefined, onBytes: (bytes: number) => void) {
    this.#watch = new StallWatch(stallAfter, signal);
    this.#onBytes = onBytes;
  }

  /** @throws Interrupted when no answer comes */
  async open(request: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
    const response = await this.#orInterrupted(request(this.#watch.signal));
    this.#reader = response.body?.getReader();
    return response;
  }

  /** @param whole the body is the whole file, whatever was asked for */
  begin(at: number, whole: boolean): void {
    this.at = at;
    this.#whole = whole;
  }

  /** True when reading on leads to this offset, past no more than `maxSkip` bytes that nobody wants. */
  leadsTo(offset: number, maxSkip: number): boolean {
    return offset >= this.at && (this.#whole || offset - this.at <= maxSkip);
  }

  /**
   * The next piece between the two offsets; an empty one while the body is still before them.
   * @returns undefined at the end of the body
   * @throws Interrupted when the connection breaks or nothing comes
   */
  async next(begin: number, end: number): Promise<Uint8Array | undefined> {
    const piece = this.#rest ?? (await this.#receive());
    this.#rest = undefined;
    if (!piece) return undefined;
    const from = Math.min(Math.max(begin - this.at, 0), piece.length);
    const to = Math.min(Math.max(end - this.at, from), piece.length);
    if (to < piece.length) this.#rest = piece.subarray(to);
    this.at += to;
    return piece.subarray(from, to);
  }

  close(): void {
    this.#watch.stop();
    this.#reader?.cancel().catch(() => {});
  }

  async #receive(): Promise<Uint8Array | undefined> {
    if (!this.#reader) return undefined;
    // Time that the reader of the pieces took is not the server's.
    this.#watch.touch();
    const { done, value } = await this.#orInterrupted(this.#reader.read());
    // The next piece may be asked for much later.
    this.#watch.stop();
    if (done) return undefined;
    this.#onBytes(value.length);
    return value;
  }

  async #orInterrupted<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (thrown) {
      if (thrown instanceof LeapError) throw thrown;
      const reason = this.#watch.stalled ? 'no data came for a while' : 'the connection broke';
      throw new Interrupted(reason, { cause: thrown });
    }
  }
}
