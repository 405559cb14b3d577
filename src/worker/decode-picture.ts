import type { Picture } from '../engine/types';
import { LeapError } from '../errors';

/** As long as the longest latent that is read, times 8. */
const MAX_EDGE = 16_384;

/**
 * A picture file as pixels in sRGB: turned as its EXIF says, its colour profile applied, laid on white where it is
 * transparent.
 * @throws LeapError `damaged-file`, `too-large`
 */
export async function decodePicture(blob: Blob): Promise<Picture> {
  const image = await createImageBitmap(blob, { imageOrientation: 'from-image' }).catch((cause) => {
    throw new LeapError('damaged-file', 'The picture cannot be decoded by this browser.', {}, { cause });
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
