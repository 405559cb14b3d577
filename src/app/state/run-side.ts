import { LeapError, type Method, type Progress } from '../../client';
import { mountBitmap } from './canvases';
import type { Item, Outcome } from './item';
import type { UpscalerHost } from './upscaler-host';

/**
 * Upscales the item's latent with one method and hangs the picture into a canvas.
 * @throws LeapError whatever the upscaler rejects with; `not-a-latent` when the item was not read yet
 */
export async function runSide(
  host: UpscalerHost,
  item: Item,
  method: Method,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  const { latent, scale } = item;
  if (!latent) throw new LeapError('not-a-latent', 'The file was not read yet.');
  const result = await host.use((upscaler) =>
    upscaler.upscale(latent, { scale, method, signal, onProgress }),
  );
  return {
    canvas: mountBitmap(result.image),
    png: result.png,
    latent: result.latent,
    report: result.report,
  };
}
