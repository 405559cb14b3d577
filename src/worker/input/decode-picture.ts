import type { Picture } from '../../engine/types';
import { LeapError } from '../../errors';
import { checkPictureFile, checkPictureSize } from '../../picture';

/**
 * Brings a picture file, or the pixels of a canvas, to pixels in sRGB. It is turned as its EXIF says, its colour profile is applied, and
 * transparent parts are laid on white. A file whose header states too large a size is refused before it is
 * decoded.
 *
 * @throws LeapError `damaged-file`, `too-large`, `unsupported` outside a browser
 */
export async function decodePicture(source: Blob | ImageData): Promise<Picture> {
  if (typeof createImageBitmap === 'undefined') {
    throw new LeapError('unsupported', 'Pictures are read in browsers only. Here, pass a latent.');
  }
  if (source instanceof Blob) await checkPictureFile(source);
  else checkPictureSize(source);
  const image = await createImageBitmap(source, { imageOrientation: 'from-image' }).catch((cause) => {
    throw new LeapError('damaged-file', 'This browser cannot decode the picture.', {}, { cause });
  });
  const { width, height } = image;
  try {
    checkPictureSize(image);
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
