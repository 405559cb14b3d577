import { DonePositions } from '../tiles/done-positions';
import type { Picture, PictureSink } from '../types';

/** A decoded picture in memory, to be enlarged: bytes, as a PNG of it would hold them. */
export class SmallPicture implements Picture, PictureSink {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Which of its pixels have been enlarged. */
  readonly enlarged: DonePositions;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8ClampedArray(width * height * 4);
    this.enlarged = new DonePositions(height, width);
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray<ArrayBuffer>): void {
    for (let row = 0; row < height; row++) {
      const line = rgba.subarray(row * width * 4, (row + 1) * width * 4);
      this.rgba.set(line, ((y + row) * this.width + x) * 4);
    }
  }
}
