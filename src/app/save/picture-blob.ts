import { LeapError } from '../../client';
import { addPngTexts } from '../../picture';
import type { Outcome } from '../state/item';

export type PictureFormat = 'png' | 'jpeg' | 'webp';

export const PICTURE_FORMATS: Record<PictureFormat, { label: string; ending: string; lossy: boolean }> = {
  png: { label: 'PNG', ending: 'png', lossy: false },
  jpeg: { label: 'JPEG', ending: 'jpg', lossy: true },
  webp: { label: 'WebP', ending: 'webp', lossy: true },
};

/** How pictures are written; `quality` is 0..1 and means nothing for PNG. */
export interface PictureOptions {
  format: PictureFormat;
  quality: number;
}

/**
 * The picture as a file. A PNG carries the graphs that ComfyUI had kept with the latent, so that ComfyUI opens the
 * workflow from it.
 * @throws what {@link toPlainBlob} throws
 */
export async function toPictureBlob(outcome: Outcome, options: PictureOptions): Promise<Blob> {
  const blob = await toPlainBlob(outcome, options);
  return options.format === 'png' ? addPngTexts(blob, { ...outcome.latent.provenance.graphs }) : blob;
}

/**
 * The picture alone, without any text.
 * @throws LeapError `too-large` for a JPEG or WebP of a picture that no canvas holds, `unsupported` where the browser
 * does not write the format
 */
export async function toPlainBlob(outcome: Outcome, { format, quality }: PictureOptions): Promise<Blob> {
  const { canvas, png } = outcome;
  if (png && format !== 'png') {
    throw new LeapError('too-large', 'A picture of this size can only be saved as PNG.', {
      complete: true,
    });
  }
  const type = `image/${format}`;
  const blob = png ?? (await encodeCanvas(canvas, type, quality));
  // What a browser cannot write it writes as PNG instead.
  if (blob.type !== type) {
    const { label } = PICTURE_FORMATS[format];
    throw new LeapError(
      'unsupported',
      `This browser cannot write ${label}, or not in this size. Save a PNG.`,
      { complete: true },
    );
  }
  return blob;
}

/** The browser does it in slices, off the page's hands. */
function encodeCanvas(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const failure = new LeapError('out-of-memory', 'The picture could not be encoded.');
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(failure)), type, quality);
  });
}
