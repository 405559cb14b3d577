import { LeapError } from '../errors';
import { PICTURE_HEAD_BYTES, type PictureSize, readPictureSize } from './read-picture-size';

/** The longest side of a latent that is read, times 8. */
const MAX_EDGE = 16_384;
/** Decoded, drawn and copied, a picture takes 12 bytes a pixel. The largest sensors of cameras and telephones have fewer. */
const MAX_PIXELS = 2 ** 27;

/**
 * Refuses a picture file whose header states too large a size, before anything is decoded.
 * @throws LeapError `too-large`
 */
export async function checkPictureFile(file: Blob): Promise<void> {
  const head = new Uint8Array(await file.slice(0, PICTURE_HEAD_BYTES).arrayBuffer());
  const stated = readPictureSize(head);
  if (stated) checkPictureSize(stated);
}

/** @throws LeapError `too-large` */
export function checkPictureSize({ width, height }: PictureSize): void {
  if (width <= MAX_EDGE && height <= MAX_EDGE && width * height <= MAX_PIXELS) return;
  const limit = `no side may exceed ${MAX_EDGE}, and all may have ${Math.floor(MAX_PIXELS / 1e6)} million together`;
  throw new LeapError('too-large', `The picture has ${width} x ${height} pixels; ${limit}.`, {
    width,
    height,
    limit: MAX_EDGE,
    pixels: MAX_PIXELS,
  });
}
