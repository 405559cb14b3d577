import { LeapError } from '../../../client';
import { checkPictureFile } from '../../../picture';

/** A picture to compare the results with. */
export interface Reference {
  /** 'Original' for the photograph that an entry was made from. */
  label: string;
  canvas: HTMLCanvasElement;
  /** Size of the picture in the file, in pixels; the canvas may be smaller. */
  width: number;
  height: number;
  /** It shows what the result should be, so that the results can be measured by it. */
  truth: boolean;
  /** Some of it is transparent in the file. */
  transparent: boolean;
}

/** Larger pictures are kept reduced: longest side in pixels. */
const LONGEST = 4096;

/** Where transparency is looked for: longest side in pixels. */
const PROBE = 256;

/** @throws LeapError `too-large` before anything is decoded, `damaged-file` for what this browser cannot show */
export async function loadReference(file: Blob, label: string, truth: boolean): Promise<Reference> {
  await checkPictureFile(file);
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((cause: unknown) => {
    throw new LeapError('damaged-file', `${label}: this browser cannot show the picture.`, {}, { cause });
  });
  const { width, height } = image;
  const canvas = drawWithin(image, LONGEST);
  const transparent = isTransparent(drawWithin(image, PROBE));
  image.close();
  if (transparent) layOnWhite(canvas);
  return { label, canvas, width, height, truth, transparent };
}

function isTransparent(canvas: HTMLCanvasElement): boolean {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 === 3 && value < 255);
}

/** As the encoder lays it: results are compared with what they were made from. */
function layOnWhite(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext('2d')!;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
}

function drawWithin(image: ImageBitmap, longest: number): HTMLCanvasElement {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
