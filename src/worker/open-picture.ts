import { CanvasPicture } from './canvas-picture';
import type { ResultPicture } from './result-picture';
import { StreamedPicture } from './streamed-picture';

/** Two canvases of more pixels, and their copies on their way to the screen, end many a tab: 4 bytes a pixel. */
const MOST_PIXELS = 48e6;

/** Opens a picture on a canvas if the browser can make one of that size and keep two, else as a PNG. */
export function openPicture(width: number, height: number): ResultPicture {
  const canvas = width * height <= MOST_PIXELS ? CanvasPicture.open(width, height) : undefined;
  return canvas ?? new StreamedPicture(width, height);
}
