import type { PictureSink } from '../engine/types';
import { CanvasPicture } from './canvas-picture';
import { StreamedPicture } from './streamed-picture';

/** A picture that can be handed to the page when it is complete. */
export interface ResultPicture extends PictureSink {
  finish(): Promise<{ image: ImageBitmap; png?: Blob }>;
}

/** On a canvas where one of that size works, else as a PNG. */
export function openPicture(width: number, height: number): ResultPicture {
  return CanvasPicture.open(width, height) ?? new StreamedPicture(width, height);
}
