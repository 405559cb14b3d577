import { LeapError } from '../../errors';

const MAX_LINE_BYTES = 256;

/** A cursor over a pickle's bytes, little-endian. Every read throws `damaged-file` at the end. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that have been read. */
  get position(): number {
    return this.#at;
  }

  /** A view, not a copy. */
  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** Precise below 2^53, which is beyond any file. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Big-endian, the only number of a pickle that is. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  /** Up to a line feed, which is skipped. */
  line(): string {
    const end = this.#bytes.subarray(this.#at, this.#at + MAX_LINE_BYTES).indexOf(0x0a);
    if (end < 0) throw new LeapError('damaged-file', 'The pickle has a name without an end.');
    const line = this.text(end);
    this.#at++;
    return line;
  }

  #advance(length: number): number {
    const from = this.#at;
    if (length > this.#bytes.length - from) throw new LeapError('damaged-file', 'The pickle is cut off.');
    this.#at += length;
    return from;
  }
}
