import type { Picture, PictureSink } from '../types';

/** A picture in memory as plain bytes. */
export class RgbaPicture implements Picture, PictureSink {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8ClampedArray(width * height * 4);
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray): void {
    for (let row = 0; row < height; row++) {
      const line = rgba.subarray(row * width * 4, (row + 1) * width * 4);
      this.rgba.set(line, ((y + row) * this.width + x) * 4);
    }
  }
}
