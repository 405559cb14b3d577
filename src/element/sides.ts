/** The two halves of the comparison. */
export type SideId = 'left' | 'right';

export const SIDES: readonly SideId[] = ['left', 'right'];

/** What can be hung into a half of the stage. */
export type Drawable = HTMLCanvasElement | HTMLImageElement;

/** One half of the comparison. */
export interface ComparedSide {
  /** A node of the page, which can hang in one place at a time; undefined for a side that has a slotted picture. */
  picture?: Drawable | undefined;
  /** What made the picture: 'LUA'. It stands on the picture. */
  label: string;
  /** More about it, in smaller letters: 'Leap decoder'. */
  note?: string | undefined;
  /** The picture is a rough one, until the real one is there. */
  rough?: boolean | undefined;
  /** Marks the label with the accent colour. */
  marked?: boolean | undefined;
}

/** A size in picture pixels. */
export interface PictureSize {
  width: number;
  height: number;
}

/** @returns undefined for an image that has not loaded yet, and an empty canvas */
export function sizeOf(picture: Drawable | undefined): PictureSize | undefined {
  if (!picture) return undefined;
  const { width, height } =
    picture instanceof HTMLImageElement
      ? { width: picture.naturalWidth, height: picture.naturalHeight }
      : picture;
  return width && height ? { width, height } : undefined;
}
