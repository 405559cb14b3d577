/** Brightness of a picture, 0..255, rows top down. */
export interface Luminance {
  width: number;
  height: number;
  data: Float32Array;
}

/** Larger pictures are measured in their middle: width and height in pixels. */
const LARGEST = 1536;

/** Rec. 601, as PSNR and SSIM of pictures are usually given. */
const WEIGHTS = [0.299, 0.587, 0.114] as const;

/** The luminance of RGBA bytes. */
export function toLuminance(rgba: Uint8ClampedArray, width: number, height: number): Luminance {
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const at = i * 4;
    data[i] = WEIGHTS[0] * rgba[at]! + WEIGHTS[1] * rgba[at + 1]! + WEIGHTS[2] * rgba[at + 2]!;
  }
  return { width, height, data };
}

/** The middle of a picture that is drawn at the given size. */
export function readLuminance(
  picture: CanvasImageSource,
  size: { width: number; height: number },
): Luminance {
  const width = Math.min(size.width, LARGEST);
  const height = Math.min(size.height, LARGEST);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  const [x, y] = [Math.round((width - size.width) / 2), Math.round((height - size.height) / 2)];
  context.drawImage(picture, x, y, size.width, size.height);
  return toLuminance(context.getImageData(0, 0, width, height).data, width, height);
}
