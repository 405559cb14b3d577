import { LeapError } from '../../errors';
import type { ResultPicture } from './result-picture';

/** Canvases of this size work everywhere; larger ones are tried first. */
const ALWAYS_FINE = 4096;

/** A picture put together on an OffscreenCanvas: tiles go straight in, never through one large float tensor. */
export class CanvasPicture implements ResultPicture {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;

  /**
   * Browsers differ in how large a canvas may be, and do not complain: one that is too large simply stays empty.
   * So a pixel is drawn in the far corner and looked for.
   *
   * @returns undefined when no canvas of that size works
   */
  static open(width: number, height: number): CanvasPicture | undefined {
    try {
      const picture = new CanvasPicture(width, height);
      return width <= ALWAYS_FINE && height <= ALWAYS_FINE ? picture : picture.#works();
    } catch {
      return undefined;
    }
  }

  /** @param canvas to be drawn on; it takes the picture's size */
  constructor(width: number, height: number, canvas = new OffscreenCanvas(width, height)) {
    this.#canvas = canvas;
    canvas.width = width;
    canvas.height = height;
    // Kept in main memory: one upload per tile into a GPU canvas costs more than it gains here.
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new LeapError('bad-option', 'The canvas already has a context that is not 2d.');
    this.#context = context;
  }

  #works(): CanvasPicture | undefined {
    const [x, y] = [this.#canvas.width - 1, this.#canvas.height - 1];
    this.#context.fillRect(x, y, 1, 1);
    return this.#context.getImageData(x, y, 1, 1).data[3] === 255 ? this : undefined;
  }

  put(x: number, y: number, width: number, height: number, rgba: Uint8ClampedArray<ArrayBuffer>): void {
    this.#context.putImageData(new ImageData(rgba, width, height), x, y);
  }

  async finish() {
    return { image: this.#canvas.transferToImageBitmap() };
  }
}
