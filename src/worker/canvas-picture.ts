import type { PictureSink } from '../engine/types';
import { LeapError } from '../errors';

/** A picture put together on an OffscreenCanvas: tiles go straight in, never through one large float tensor. */
export class CanvasPicture implements PictureSink {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;

  /** @throws LeapError `too-large` when the browser has no canvas of that size. */
  constructor(width: number, height: number) {
    this.#canvas = new OffscreenCanvas(width, height);
    // Kept in main memory: one upload per tile into a GPU canvas costs more than it gains here.
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!context) {
      throw new LeapError('too-large', `This browser has no canvas of ${width} x ${height} pixels.`, {
        width,
        height,
      });
    }
    this.#context = context;
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray<ArrayBuffer>): void {
    this.#context.putImageData(new ImageData(rgba, width, height), x, y);
  }

  /** Call last. */
  finish(): ImageBitmap {
    return this.#canvas.transferToImageBitmap();
  }
}
