import { LeapError, type UpscaleOptions } from '../../../client';
import { mountBitmap } from '../canvases';
import type { SideId } from '../choice';
import type { Item, Outcome } from '../item';
import type { UpscalerHost } from '../upscaler-host';

/**
 * Upscales the item's latent as the side has chosen and hangs the picture into a canvas.
 * @throws LeapError whatever the upscaler rejects with; `not-a-latent` when the item was not read yet
 */
export async function runSide(
  host: UpscalerHost,
  item: Item,
  side: SideId,
  listeners: Pick<UpscaleOptions, 'signal' | 'onProgress' | 'onTile'>,
): Promise<Outcome> {
  const { latent, scale } = item;
  if (!latent) throw new LeapError('not-a-latent', 'The file was not read yet.');
  const choice = item.choices[side];
  const { method, lua, decoder, enlarger } = choice;
  const options = {
    scale,
    method,
    ...(method === 'lua' && lua ? { lua } : {}),
    ...(decoder ? { decoder } : {}),
    ...(method === 'pixels' && enlarger ? { enlarger } : {}),
    ...listeners,
  };
  const result = await host.use((upscaler) => upscaler.upscale(latent, options));
  return {
    canvas: mountBitmap(result.image),
    png: result.png,
    latent: result.latent,
    report: result.report,
    source: latent,
    choice,
  };
}
