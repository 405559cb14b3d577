import { LeapError } from '../../errors';
import { FAMILIES } from '../../latent';
import type { Latent } from '../../latent/types';
import type { EngineUpscaleOptions } from '../api';

/**
 * Refuses what no backend could compute, before any is blamed for it.
 * @throws LeapError `not-a-latent`, `bad-option`
 */
export function checkRequest(latent: Latent, options: EngineUpscaleOptions): void {
  checkLatent(latent);
  const { scale, method, tile } = options;
  if (![1, 2, 4].includes(scale))
    throw new LeapError('bad-option', `The scale must be 1, 2 or 4, not ${scale}.`);
  if (!['lua', 'bicubic'].includes(method)) {
    throw new LeapError('bad-option', `The method must be lua or bicubic, not ${method}.`);
  }
  if (tile !== undefined && !(Number.isInteger(tile) && tile > 0)) {
    throw new LeapError('bad-option', `The tile edge must be a whole number above 0, not ${tile}.`);
  }
}

function checkLatent({ family, dims, data }: Latent): void {
  const known = FAMILIES[family];
  if (!known) throw new LeapError('bad-option', `There is no family ${family}.`, { family });
  const [channels, height, width] = dims;
  const whole = dims.length === 3 && dims.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || channels !== known.channels) {
    const message = `A latent of ${known.label} has ${known.channels} channels and two sides, not [${dims}].`;
    throw new LeapError('not-a-latent', message, { family, dims });
  }
  if (!(data instanceof Float32Array) || data.length !== channels * height * width) {
    const message = `The data of a latent [${dims}] are ${channels * height * width} float32 values.`;
    throw new LeapError('not-a-latent', message, { dims, length: data?.length });
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new LeapError('not-a-latent', `The latent holds ${data[at]} at index ${at}.`, { at });
  }
}
