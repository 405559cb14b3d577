import type { PictureTile } from '../../../client';
import { freeCanvas } from '../canvases';

/** Longest side of a picture that is only looked at while it comes in. */
const LONGEST = 2048;

/** A picture while its tiles come in, drawn over a rough preview. */
export class PartialPicture {
  readonly #size: { width: number; height: number };
  readonly #preview: () => HTMLCanvasElement | undefined;
  #canvas: HTMLCanvasElement | undefined;

  /** @param size of the whole picture in pixels; a large one is shown reduced */
  constructor(size: { width: number; height: number }, preview: () => HTMLCanvasElement | undefined) {
    this.#size = size;
    this.#preview = preview;
  }

  draw({ x, y, width, height, rgba }: PictureTile): HTMLCanvasElement {
    this.#canvas ??= this.#open();
    const { width: all } = this.#size;
    const scale = this.#canvas.width / all;
    const context = this.#canvas.getContext('2d');
    const tile = new ImageData(rgba, width, height);
    if (scale === 1) context?.putImageData(tile, x, y);
    else drawReduced(context, tile, x * scale, y * scale, scale);
    return this.#canvas;
  }

  free(): void {
    if (this.#canvas) freeCanvas(this.#canvas);
  }

  #open(): HTMLCanvasElement {
    const { width, height } = this.#size;
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const preview = this.#preview();
    const context = canvas.getContext('2d');
    if (context && preview) {
      context.imageSmoothingQuality = 'high';
      context.drawImage(preview, 0, 0, canvas.width, canvas.height);
    }
    return canvas;
  }
}

function drawReduced(
  context: CanvasRenderingContext2D | null,
  tile: ImageData,
  x: number,
  y: number,
  scale: number,
): void {
  const whole = document.createElement('canvas');
  [whole.width, whole.height] = [tile.width, tile.height];
  whole.getContext('2d')?.putImageData(tile, 0, 0);
  context?.drawImage(whole, x, y, tile.width * scale, tile.height * scale);
  freeCanvas(whole);
}
