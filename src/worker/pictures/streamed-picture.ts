import { PngPicture } from '../../picture';
import { CanvasPicture } from './canvas-picture';
import type { ResultPicture } from './result-picture';

/** Longest side of the copy that is shown. */
const PREVIEW_EDGE = 4096;

/** Bytes of a PNG per pixel, of photographs. */
const PNG_SHARE = 2;
/** Rows of tiles that are not complete across the picture's width. */
const ROWS_WAITING = 1024;
const RGBA_BYTES = 4;

/** Bytes that such a picture takes in memory at most: the file so far, rows that wait, the preview. */
export function streamedBytes(width: number, height: number): number {
  return width * height * PNG_SHARE + width * ROWS_WAITING * RGBA_BYTES + PREVIEW_EDGE ** 2 * RGBA_BYTES;
}

/**
 * A picture that is larger than any canvas. It becomes a PNG while its tiles come in, and a smaller copy of every n-th
 * pixel is kept to show.
 */
export class StreamedPicture implements ResultPicture {
  readonly #parts: BlobPart[] = [];
  readonly #png: PngPicture;
  readonly #preview: CanvasPicture;
  /** Pixels of the picture for each pixel of the preview. */
  readonly #step: number;

  constructor(width: number, height: number) {
    this.#png = new PngPicture(width, height, (bytes) => void this.#parts.push(bytes));
    this.#step = Math.ceil(Math.max(width, height) / PREVIEW_EDGE);
    this.#preview = CanvasPicture.open(Math.ceil(width / this.#step), Math.ceil(height / this.#step))!;
  }

  put(...tile: Parameters<PngPicture['put']>): Promise<void> | undefined {
    this.#keepPreview(...tile);
    return this.#png.put(...tile);
  }

  async finish() {
    await this.#png.finish();
    const { image } = await this.#preview.finish();
    return { image, png: new Blob(this.#parts, { type: 'image/png' }) };
  }

  #keepPreview(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray): void {
    const step = this.#step;
    const [left, top] = [Math.ceil(x / step), Math.ceil(y / step)];
    const [right, bottom] = [Math.ceil((x + width) / step), Math.ceil((y + height) / step)];
    if (right <= left || bottom <= top) return;
    const small = new Uint32Array((right - left) * (bottom - top));
    const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
    let write = 0;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        small[write++] = pixels[(row * step - y) * width + column * step - x]!;
      }
    }
    this.#preview.put(left, top, right - left, bottom - top, new Uint8ClampedArray(small.buffer));
  }
}
