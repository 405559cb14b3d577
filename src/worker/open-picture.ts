import { CanvasPicture } from './canvas-picture';
import type { ResultPicture } from './result-picture';
import { StreamedPicture } from './streamed-picture';

/** On a canvas where one of that size works, else as a PNG. */
export function openPicture(width: number, height: number): ResultPicture {
  return CanvasPicture.open(width, height) ?? new StreamedPicture(width, height);
}
