import { copyBitmap } from './copy-bitmap';

/** The two halves of the comparison. */
export type SideId = 'left' | 'right';

export const SIDES: readonly SideId[] = ['left', 'right'];

/** What can be hung into a half of the stage. */
export type Drawable = HTMLCanvasElement | HTMLImageElement;

/** One half of the comparison. */
export interface ComparedSide {
  /**
   * A node of the page, which can hang in one place at a time, or a bitmap, which is copied; undefined for a side that has
   * a slotted picture.
   */
  picture?: Drawable | ImageBitmap | undefined;
  /** What made the picture: 'LUA'. It stands on the picture. */
  label: string;
  /** More about it, in smaller letters: 'Leap decoder'. */
  note?: string | undefined;
  /** The picture is a rough one, until the real one is there. */
  rough?: boolean | undefined;
  /** Marks the label with the accent colour. */
  marked?: boolean | undefined;
}

/** The same with what hangs on the page. */
export type HungSide = ComparedSide & { picture?: Drawable | undefined };

/** A size in picture pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** Canvases of bitmaps, which cannot hang on a page themselves. */
const canvases = new WeakMap<ImageBitmap, HTMLCanvasElement>();

/** The node that shows a picture: always the same for the same bitmap. */
export function toDrawable(picture: ComparedSide['picture']): Drawable | undefined {
  if (!(picture instanceof ImageBitmap)) return picture;
  const canvas = canvases.get(picture) ?? copyBitmap(picture);
  canvases.set(picture, canvas);
  return canvas;
}

/** @returns undefined for an image that has not loaded yet, and an empty canvas */
export function sizeOf(picture: ComparedSide['picture']): PictureSize | undefined {
  if (!picture) return undefined;
  const { width, height } =
    picture instanceof HTMLImageElement
      ? { width: picture.naturalWidth, height: picture.naturalHeight }
      : picture;
  return width && height ? { width, height } : undefined;
}
