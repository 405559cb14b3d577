import { FAMILIES, type Latent, LeapError, type UpscaleOptions, type Upscaler } from '../../../client';
import { defined } from '../../../defined';
import { orAborted } from '../../../errors';
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
  given: Pick<UpscaleOptions, 'passes' | 'signal' | 'onProgress' | 'onTile'>,
): Promise<Outcome> {
  const { latent, scale } = item;
  if (!latent) throw new LeapError('not-a-latent', 'The file was not read yet.');
  const choice = item.choices[side];
  const { method, lua, decoder, enlarger } = choice;
  const options = {
    scale,
    method,
    ...defined({
      lua: method === 'lua' ? lua : undefined,
      decoder,
      enlarger: method === 'pixels' ? enlarger : undefined,
    }),
    ...given,
  };
  const result = await host.use(async (upscaler) => {
    await warmUpOnce(upscaler, latent, options);
    return upscaler.upscale(latent, options);
  });
  return {
    canvas: mountBitmap(result.image),
    png: result.png,
    latent: result.latent,
    report: result.report,
    source: latent,
    choice,
  };
}

/** What each upscaler has run already. */
const warmed = new WeakMap<Upscaler, Set<string>>();

/**
 * Makes a trial run where a GPU still has to compile what it will run. Otherwise the side that comes first would be
 * charged with that. What goes wrong here goes wrong in the run too, which knows what to do about it.
 */
async function warmUpOnce(upscaler: Upscaler, latent: Latent, options: UpscaleOptions): Promise<void> {
  const { scale, method = 'lua', lua, passes = 1, decoder, enlarger, signal, onProgress } = options;
  const { family, dims } = latent;
  const key = JSON.stringify([family, dims, scale, method, lua, passes, decoder, enlarger]);
  const known = warmed.get(upscaler) ?? new Set();
  warmed.set(upscaler, known);
  if (known.has(key)) return;
  // Opening the device cannot be stopped, but nobody has to wait for it.
  const { backend } = await orAborted(upscaler.device(), signal);
  known.add(key);
  if (backend !== 'webgpu') return;
  const wish = {
    family,
    width: dims[2] * FAMILIES[family].stride,
    height: dims[1] * FAMILIES[family].stride,
    scale,
    method,
    passes,
    ...defined({ lua, decoder, enlarger, signal, onProgress }),
  };
  await upscaler.warmUp(wish).catch(() => {
    if (signal?.aborted) known.delete(key);
    signal?.throwIfAborted();
  });
}
