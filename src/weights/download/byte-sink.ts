import { LeapError } from '../../errors';
import { allocate } from '../allocate';

/** Room to start with where nobody said how long the file is. */
const FIRST_BYTES = 64 * 1024;

/** Collects a body that arrives in pieces, and refuses more than was announced. */
export class ByteSink {
  /** Bytes received so far: where a resumed download goes on. */
  length = 0;
  readonly #limit: number;
  readonly #exact: boolean;
  #buffer: Uint8Array;

  /**
   * @param expected bytes of the whole file, where known: allocated at once, and no byte more is accepted
   * @param limit most bytes to accept where it is not known
   */
  constructor(expected: number | undefined, limit: number) {
    this.#limit = expected ?? limit;
    this.#exact = expected !== undefined;
    this.#buffer = allocate(expected ?? Math.min(FIRST_BYTES, limit));
  }

  /** @throws LeapError `hash-mismatch` beyond the expected bytes, `too-large` beyond the limit or for want of memory */
  append(chunk: Uint8Array): void {
    const end = this.length + chunk.length;
    if (end > this.#limit) {
      const code = this.#exact ? 'hash-mismatch' : 'too-large';
      throw new LeapError(code, `The file has more than ${this.#limit} bytes.`, { limit: this.#limit });
    }
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(chunk, this.length);
    this.length = end;
  }

  /** Forgets what came, to begin again. */
  reset(): void {
    this.length = 0;
  }

  /** What came, without a copy. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  #grow(needed: number): void {
    const larger = allocate(Math.min(this.#limit, Math.max(needed, 2 * this.#buffer.length)));
    larger.set(this.bytes());
    this.#buffer = larger;
  }
}
