import { LeapError } from '../errors';
import { type Emit, PngWriter, RGB_BYTES } from './png-writer';

/** Rows that are kept and written together. */
const BAND_ROWS = 8;

/** Columns from the first to before the second. */
type Span = readonly [from: number, to: number];

interface Band {
  rgb: Uint8Array;
  /** What each row still lacks. */
  gaps: Span[][];
}

/**
 * Writes a picture as a PNG while its tiles come in. Only bands of rows that are still incomplete are kept in memory:
 * about as many rows as a tile is high.
 *
 * Tiles may come in any order and more than once, and they may overlap.
 */
export class PngPicture {
  readonly width: number;
  readonly height: number;
  readonly #writer: PngWriter;
  readonly #bands = new Map<number, Band>();
  /** Bands before this one have been written. */
  #next = 0;

  constructor(width: number, height: number, emit: Emit) {
    this.width = width;
    this.height = height;
    this.#writer = new PngWriter(width, height, emit);
  }

  /** @returns a promise to wait for before the next tile, so that rows do not pile up; or nothing */
  put(
    x: number,
    y: number,
    width: number,
    height: number,
    rgba: Uint8ClampedArray,
  ): Promise<void> | undefined {
    for (let row = 0; row < height; row++) {
      const index = Math.floor((y + row) / BAND_ROWS);
      if (index < this.#next) continue;
      const band = this.#band(index);
      const line = (y + row) % BAND_ROWS;
      copyRgb(rgba, row * width * 4, band.rgb, (line * this.width + x) * RGB_BYTES, width);
      band.gaps[line] = without(band.gaps[line]!, x, x + width);
    }
    this.#writeComplete();
    return this.#writer.congestion;
  }

  /** Call it when every tile has been put. @throws LeapError `internal` when they do not cover the picture */
  async finish(): Promise<void> {
    const written = Math.min(this.#next * BAND_ROWS, this.height);
    if (written < this.height) {
      const message = `The picture's tiles do not cover it: rows from ${written} to ${this.height} are not complete.`;
      throw new LeapError('internal', message);
    }
    await this.#writer.finish();
  }

  #band(index: number): Band {
    let band = this.#bands.get(index);
    if (!band) {
      const rows = Math.min(BAND_ROWS, this.height - index * BAND_ROWS);
      const rgb = new Uint8Array(this.width * rows * RGB_BYTES);
      band = { rgb, gaps: Array.from({ length: rows }, () => [[0, this.width]]) };
      this.#bands.set(index, band);
    }
    return band;
  }

  #writeComplete(): void {
    for (;;) {
      const band = this.#bands.get(this.#next);
      if (!band?.gaps.every((gaps) => gaps.length === 0)) return;
      this.#writer.addRows(band.rgb);
      this.#bands.delete(this.#next++);
    }
  }
}

/** What remains of the spans without the columns from `begin` to before `end`. */
function without(spans: Span[], begin: number, end: number): Span[] {
  return spans.flatMap(([from, to]): Span[] => {
    const sides: Span[] = [
      [from, Math.min(to, begin)],
      [Math.max(from, end), to],
    ];
    return sides.filter(([left, right]) => left < right);
  });
}

function copyRgb(rgba: Uint8ClampedArray, from: number, rgb: Uint8Array, to: number, pixels: number): void {
  for (let i = 0, read = from, write = to; i < pixels; i++, read += 4, write += RGB_BYTES) {
    rgb[write] = rgba[read]!;
    rgb[write + 1] = rgba[read + 1]!;
    rgb[write + 2] = rgba[read + 2]!;
  }
}
