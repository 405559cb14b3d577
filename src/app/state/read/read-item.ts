import { type Latent, LeapError, type ModelOptions, type ModelPart } from '../../../client';
import { copyBitmap } from '../../../element/copy-bitmap';
import { type Item, isPicture } from '../item';
import type { UpscalerHost } from '../upscaler-host';

/** The workers that an item may be read in. */
export interface Readers {
  /** For latent files; never busy for long. */
  reader: UpscalerHost;
  /** For pictures, which are encoded: it has the runtime open already. */
  engine: UpscalerHost;
}

/**
 * Every latent of the item's file, or the one that the hints ask for; at least one.
 * @throws LeapError of the readers
 */
export async function readItem(
  item: Item,
  { reader, engine }: Readers,
  options: ModelOptions,
): Promise<Latent[]> {
  const { input, hints, name } = item;
  const host = isPicture(item) ? engine : reader;
  const latents = await host.use((upscaler) => upscaler.readAll(input, { ...hints, name }, options));
  if (!latents.length) throw new LeapError('not-a-latent', 'The file holds no latent.');
  return latents;
}

/**
 * The networks in a file, if it is a checkpoint of some. To be asked first: a convolution's weights have four axes
 * too, and can be taken for a batch of latents. What cannot be looked into is not a checkpoint.
 * @throws LeapError `unsupported` for a model of another kind, with what it is in `detail.looksLike`; `worker-died` when
 *   workers do not answer
 */
export async function findCheckpoint(
  item: Item,
  reader: UpscalerHost,
): Promise<readonly ModelPart[] | undefined> {
  const { input, hints } = item;
  if (!(input instanceof Blob) || isPicture(item) || hints.tensor !== undefined) return undefined;
  try {
    return await reader.use((upscaler) => upscaler.inspectModel(input));
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) return undefined;
    // A file that workers hang on is not tried again in another way.
    if (thrown.detail.looksLike || thrown.detail.reason === 'silence') throw thrown;
    return undefined;
  }
}

/** How much a rough preview is enlarged before the view does the rest. */
const PREVIEW_TIMES = 4;

/** One copy of the rough preview for each place that shows it. */
export async function makePreviews(
  latent: Latent,
  reader: UpscalerHost,
): Promise<NonNullable<Item['previews']>> {
  const bitmap = await reader.use((upscaler) => upscaler.preview(latent));
  const previews = {
    thumbnail: copyBitmap(bitmap),
    left: copyBitmap(bitmap, PREVIEW_TIMES),
    right: copyBitmap(bitmap, PREVIEW_TIMES),
  };
  bitmap.close();
  return previews;
}
