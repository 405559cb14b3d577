import { crc32 } from '../formats';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BIT_DEPTH = 8;
const COLOUR_RGB = 2;
const FILTER_PAETH = 4;
export const RGB_BYTES = 3;
/** Takes the file's bytes, in order. Where it gives a promise, no more come until that resolves. */
export type Emit = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
/** Bytes of rows that may wait to be compressed: enough to keep the compressor busy, few compared with a tile. */
const BACKLOG_BYTES = 8 * 2 ** 20;

/**
 * Writes a PNG row by row, so that no picture has to be held as a whole. Rows go in as bytes, and chunks of the file
 * come out as they are ready. Every row is filtered by Paeth's predictor, which suits photographs, and compressed by
 * the platform's own zlib.
 */
export class PngWriter {
  readonly #width: number;
  readonly #emit: Emit;
  readonly #deflate: WritableStreamDefaultWriter<BufferSource>;
  readonly #reading: Promise<void>;
  #writing: Promise<void> = Promise.resolve();
  /** Bytes that wait to be compressed. */
  #backlog = 0;
  /** Why the file's bytes are not taken any more. */
  #refusal: { error: unknown } | undefined;
  /** The last row, unfiltered. */
  #above: Uint8Array;

  constructor(width: number, height: number, emit: Emit) {
    this.#width = width;
    this.#emit = emit;
    this.#above = new Uint8Array(width * RGB_BYTES);
    void emit(Uint8Array.from(SIGNATURE));
    const header = new DataView(new ArrayBuffer(13));
    header.setUint32(0, width);
    header.setUint32(4, height);
    header.setUint8(8, BIT_DEPTH);
    header.setUint8(9, COLOUR_RGB);
    void this.#chunk('IHDR', new Uint8Array(header.buffer));
    const { writable, readable } = new CompressionStream('deflate');
    this.#deflate = writable.getWriter();
    this.#reading = this.#pass(readable);
    this.#reading.catch(() => {});
  }

  /** @param rgb whole rows, 3 bytes a pixel */
  addRows(rgb: Uint8Array): void {
    const stride = this.#width * RGB_BYTES;
    const rows = rgb.length / stride;
    const filtered = new Uint8Array(rows * (stride + 1));
    for (let row = 0; row < rows; row++) {
      const line = rgb.subarray(row * stride, (row + 1) * stride);
      const target = row * (stride + 1);
      filtered[target] = FILTER_PAETH;
      filterRow(line, this.#above, filtered.subarray(target + 1, target + 1 + stride));
      this.#above = line;
    }
    // The rows may be overwritten by the caller once this returns.
    this.#above = this.#above.slice();
    this.#backlog += filtered.length;
    this.#writing = this.#writing.then(async () => {
      await this.#deflate.write(filtered).catch((error) => {
        throw this.#refusal ? this.#refusal.error : error;
      });
      this.#backlog -= filtered.length;
    });
    this.#writing.catch(() => {});
  }

  /**
   * A promise to wait for before more rows are added, where rows come faster than they are compressed and taken. It
   * rejects with what `emit` threw.
   */
  get congestion(): Promise<void> | undefined {
    return this.#refusal || this.#backlog > BACKLOG_BYTES ? this.#writing : undefined;
  }

  /** Call after the last row. Resolves when the last byte has been emitted. @throws what `emit` threw */
  async finish(): Promise<void> {
    await this.#writing;
    await Promise.all([this.#deflate.close(), this.#reading]);
    await this.#chunk('IEND', new Uint8Array(0));
  }

  async #pass(compressed: ReadableStream<Uint8Array>): Promise<void> {
    const reader = compressed.getReader();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read())
        await this.#chunk('IDAT', part.value);
    } catch (error) {
      this.#refusal = { error };
      // Rows that wait for room in the compressor would wait for ever.
      await reader.cancel(error);
      throw error;
    }
  }

  #chunk(type: string, data: Uint8Array): void | Promise<void> {
    const chunk = new Uint8Array(12 + data.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, data.length);
    chunk.set(new TextEncoder().encode(type), 4);
    chunk.set(data, 8);
    view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
    return this.#emit(chunk);
  }
}

/** The difference of each byte from Paeth's prediction by its neighbours: left, above, above left. */
function filterRow(line: Uint8Array, above: Uint8Array, target: Uint8Array): void {
  for (let i = 0; i < line.length; i++) {
    const left = i < RGB_BYTES ? 0 : line[i - RGB_BYTES]!;
    const corner = i < RGB_BYTES ? 0 : above[i - RGB_BYTES]!;
    const up = above[i]!;
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    const guess = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    target[i] = line[i]! - guess;
  }
}
