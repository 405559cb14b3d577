import type { PictureSink } from '../../engine/types';

/** Assembles a picture for a test, and counts how often each pixel was written. */
export class TestPicture implements PictureSink {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
  readonly writes: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8ClampedArray(width * height * 4);
    this.writes = new Uint8Array(width * height);
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray): void {
    for (let row = 0; row < height; row++) {
      const at = (y + row) * this.width + x;
      this.rgba.set(rgba.subarray(row * width * 4, (row + 1) * width * 4), at * 4);
      for (let i = 0; i < width; i++) this.writes[at + i]! += 1;
    }
  }
}
