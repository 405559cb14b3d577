import { encode } from 'fast-png';
import type { PictureSink } from '../engine/types';

/** A picture put together in memory as RGB bytes. */
export class PngPicture implements PictureSink {
  readonly width: number;
  readonly height: number;
  readonly #data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#data = new Uint8Array(width * height * 3);
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray): void {
    let read = 0;
    for (let row = 0; row < height; row++) {
      let write = ((y + row) * this.width + x) * 3;
      for (let i = 0; i < width; i++, read += 4, write += 3) {
        this.#data[write] = rgba[read]!;
        this.#data[write + 1] = rgba[read + 1]!;
        this.#data[write + 2] = rgba[read + 2]!;
      }
    }
  }

  encode(): Uint8Array {
    return encode({ width: this.width, height: this.height, data: this.#data, channels: 3, depth: 8 });
  }
}
