import { bytesPer } from '../../formats';
import type { Dtype, NamedTensor } from '../../formats/types';
import { allocate } from '../allocate';

/** Each tensor begins at a multiple of this, so that any runtime may map it. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;

type Expected = Pick<NamedTensor, 'name' | 'dtype' | 'shape'>;

interface Placed {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Builds a safetensors file tensor by tensor, in one buffer. The names tell how long the header can become; it is
 * written at the end.
 */
export class TensorSink {
  #buffer: Uint8Array;
  readonly #dataStart: number;
  readonly #metadata: Record<string, string>;
  readonly #placed: Placed[] = [];
  #end: number;

  /**
   * @param expected what will be added
   * @param options `typeOf`: the dtype that most tensors of a dtype will have
   */
  constructor(
    expected: readonly Expected[],
    { typeOf, metadata }: { typeOf: (dtype: Dtype) => Dtype; metadata: Record<string, string> },
  ) {
    this.#metadata = metadata;
    this.#dataStart = LENGTH_BYTES + roomForHeader(expected, metadata);
    this.#end = this.#dataStart;
    const data = expected.reduce((sum, { dtype, shape }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return sum + align(count * bytesPer(typeOf(dtype)));
    }, 0);
    this.#buffer = allocate(this.#dataStart + data);
  }

  add(name: string, shape: number[], dtype: Dtype, bytes: Uint8Array): void {
    const begin = align(this.#end);
    const end = begin + bytes.length;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(bytes, begin);
    this.#placed.push({ name, shape, dtype, begin, end });
    this.#end = end;
  }

  /** The file, without a copy. */
  finish(): Uint8Array {
    const start = this.#dataStart;
    const header = this.#placed.map(({ name, dtype, shape, begin, end }): [string, unknown] => [
      name,
      { dtype, shape, data_offsets: [begin - start, end - start] },
    ]);
    const json = encodeHeader(header, this.#metadata);
    const length = start - LENGTH_BYTES;
    new DataView(this.#buffer.buffer).setBigUint64(0, BigInt(length), true);
    this.#buffer.fill(0x20, LENGTH_BYTES, start);
    this.#buffer.set(json, LENGTH_BYTES);
    return this.#buffer.subarray(0, this.#end);
  }

  /** Tensors that stay float32 take more room than was planned; they are rare. */
  #grow(needed: number): void {
    const larger = allocate(Math.max(needed, Math.ceil(this.#buffer.length * 1.25)));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** The header's length with the longest dtype and the longest offsets that it may get. */
function roomForHeader(entries: readonly Expected[], metadata: Record<string, string>): number {
  const longest = Number.MAX_SAFE_INTEGER;
  const header = entries.map(({ name, shape }): [string, unknown] => [
    name,
    { dtype: 'BOOL', shape, data_offsets: [longest, longest] },
  ]);
  return align(encodeHeader(header, metadata).length);
}

function encodeHeader(tensors: [string, unknown][], metadata: Record<string, string>): Uint8Array {
  const first: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries([...first, ...tensors])));
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
