import type { Picture } from '../engine/types';
import { LeapError } from '../errors';

/** The longest side of a latent that is read, times 8. */
const MAX_EDGE = 16_384;

/**
 * Decodes a picture file to pixels in sRGB. It is turned as its EXIF says, its colour profile is applied, and
 * transparent parts are laid on white.
 * @throws LeapError `damaged-file`, `too-large`
 */
export async function decodePicture(blob: Blob): Promise<Picture> {
  const image = await createImageBitmap(blob, { imageOrientation: 'from-image' }).catch((cause) => {
    throw new LeapError('damaged-file', 'This browser cannot decode the picture.', {}, { cause });
  });
  const { width, height } = image;
  try {
    if (width > MAX_EDGE || height > MAX_EDGE) {
      const message = `The picture has ${width} x ${height} pixels; no side may exceed ${MAX_EDGE}.`;
      throw new LeapError('too-large', message, { width, height, limit: MAX_EDGE });
    }
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
