import { CanvasPicture } from './canvas-picture';
import type { ResultPicture } from './result-picture';
import { StreamedPicture, streamedBytes } from './streamed-picture';

/** The longest side of a canvas in the browsers that allow the most; a longer picture is streamed for certain. */
const LARGEST_CANVAS = 16384;
/** Two canvases of more pixels, and their copies on their way to the screen, end many a tab: 4 bytes a pixel. */
const MOST_PIXELS = 48e6;
const RGBA_BYTES = 4;

/** Bytes that the picture takes in memory while its tiles come in: all of a canvas, little of a stream. */
export function pictureBytes(width: number, height: number): number {
  const isStreamed = Math.max(width, height) > LARGEST_CANVAS || width * height > MOST_PIXELS;
  return isStreamed ? streamedBytes(width, height) : width * height * RGBA_BYTES;
}

/** Opens a picture on a canvas if the browser can make one of that size and keep two, else as a PNG. */
export function openPicture(width: number, height: number): ResultPicture {
  const canvas = width * height <= MOST_PIXELS ? CanvasPicture.open(width, height) : undefined;
  return canvas ?? new StreamedPicture(width, height);
}
