import type { PictureSink } from '../../engine/types';

/** A picture that is handed to the page when it is complete. */
export interface ResultPicture extends PictureSink {
  finish(): Promise<{ image: ImageBitmap; png?: Blob }>;
}
