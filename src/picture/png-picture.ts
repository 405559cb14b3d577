import { PngWriter, RGB_BYTES } from './png-writer';

/** Rows that are kept together. Every tile's edges lie on multiples of it, because it is the latent's stride. */
const BAND_ROWS = 8;

interface Band {
  rgb: Uint8Array;
  /** One entry per BAND_ROWS pixels of the width. */
  filled: Uint8Array;
  missing: number;
}

/**
 * Writes a picture as a PNG while its tiles come in. Only bands of rows that are still incomplete are kept in memory:
 * about as many rows as a tile is high.
 *
 * Tiles may come in any order and more than once. Their edges lie on multiples of 8 pixels, or on the picture's edges.
 */
export class PngPicture {
  readonly width: number;
  readonly height: number;
  readonly #writer: PngWriter;
  readonly #bands = new Map<number, Band>();
  /** Bands before this one have been written. */
  #next = 0;

  /** @param emit takes the file's bytes, in order */
  constructor(width: number, height: number, emit: (bytes: Uint8Array<ArrayBuffer>) => void) {
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
    for (let row = 0; row < height; row += BAND_ROWS) {
      const index = (y + row) / BAND_ROWS;
      if (index < this.#next) continue;
      const band = this.#band(index);
      const lines = Math.min(BAND_ROWS, height - row);
      for (let line = 0; line < lines; line++) {
        const from = (row + line) * width * 4;
        copyRgb(rgba, from, band.rgb, (line * this.width + x) * RGB_BYTES, width);
      }
      for (let cell = x / BAND_ROWS; cell < (x + width) / BAND_ROWS; cell++) {
        band.missing -= 1 - band.filled[cell]!;
        band.filled[cell] = 1;
      }
    }
    this.#writeComplete();
    return this.#writer.congestion;
  }

  /** Call it when every tile has been put. */
  finish(): Promise<void> {
    return this.#writer.finish();
  }

  #band(index: number): Band {
    let band = this.#bands.get(index);
    if (!band) {
      const cells = Math.ceil(this.width / BAND_ROWS);
      const rows = Math.min(BAND_ROWS, this.height - index * BAND_ROWS);
      const rgb = new Uint8Array(this.width * rows * RGB_BYTES);
      band = { rgb, filled: new Uint8Array(cells), missing: cells };
      this.#bands.set(index, band);
    }
    return band;
  }

  #writeComplete(): void {
    for (let band = this.#bands.get(this.#next); band?.missing === 0; band = this.#bands.get(this.#next)) {
      this.#writer.addRows(band.rgb);
      this.#bands.delete(this.#next++);
    }
  }
}

function copyRgb(rgba: Uint8ClampedArray, from: number, rgb: Uint8Array, to: number, pixels: number): void {
  for (let i = 0, read = from, write = to; i < pixels; i++, read += 4, write += RGB_BYTES) {
    rgb[write] = rgba[read]!;
    rgb[write + 1] = rgba[read + 1]!;
    rgb[write + 2] = rgba[read + 2]!;
  }
}
