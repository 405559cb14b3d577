import { CanvasPicture } from './canvas-picture';
import type { ResultPicture } from './result-picture';
import { StreamedPicture } from './streamed-picture';

/** Opens a picture on a canvas if the browser can make one of that size, else as a PNG. */
export function openPicture(width: number, height: number): ResultPicture {
  return CanvasPicture.open(width, height) ?? new StreamedPicture(width, height);
}
