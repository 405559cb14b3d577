import type { PictureSize } from '../../../element';
import type { Reference } from '../../state/read/reference';
import { readLuminance } from './luminance';
import { psnr, ssim } from './measures';

/**
 * The size at which a picture is compared with a reference: the picture's own, or that of the reference's copy where
 * that was reduced to less. An enlarged copy would lack what the picture has.
 */
export function sizeToCompare(
  picture: PictureSize,
  { canvas, width }: Pick<Reference, 'width'> & { canvas: PictureSize },
): PictureSize {
  const { width: columns, height: rows } =
    canvas.width < width && canvas.width < picture.width ? canvas : picture;
  return { width: columns, height: rows };
}

/** PSNR in dB and SSIM of the luminance. */
export async function compareWith(
  picture: HTMLCanvasElement,
  reference: Reference,
): Promise<{ psnr: number; ssim: number }> {
  const size = sizeToCompare(picture, reference);
  const [made, truth] = [picture, reference.canvas].map((canvas) => readLuminance(canvas, size));
  return { psnr: psnr(made!, truth!), ssim: await ssim(made!, truth!) };
}
