import type { Picture } from '../engine/types';
import { LeapError } from '../errors';
import { PICTURE_HEAD_BYTES, type PictureSize, readPictureSize } from '../picture';

/** The longest side of a latent that is read, times 8. */
const MAX_EDGE = 16_384;

/**
 * Decodes a picture file to pixels in sRGB. It is turned as its EXIF says, its colour profile is applied, and
 * transparent parts are laid on white. A file whose header states too large a size is refused before it is
 * decoded.
 *
 * @throws LeapError `damaged-file`, `too-large`
 */
export async function decodePicture(blob: Blob): Promise<Picture> {
  const head = new Uint8Array(await blob.slice(0, PICTURE_HEAD_BYTES).arrayBuffer());
  const stated = readPictureSize(head);
  if (stated) refuseTooLarge(stated);
  const image = await createImageBitmap(blob, { imageOrientation: 'from-image' }).catch((cause) => {
    throw new LeapError('damaged-file', 'This browser cannot decode the picture.', {}, { cause });
  });
  const { width, height } = image;
  try {
    refuseTooLarge(image);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new LeapError('too-large', 'The picture is larger than this browser can draw.');
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return { width, height, rgba: context.getImageData(0, 0, width, height).data };
  } finally {
    image.close();
  }
}

function refuseTooLarge({ width, height }: PictureSize): void {
  if (width <= MAX_EDGE && height <= MAX_EDGE) return;
  const message = `The picture has ${width} x ${height} pixels; no side may exceed ${MAX_EDGE}.`;
  throw new LeapError('too-large', message, { width, height, limit: MAX_EDGE });
}
