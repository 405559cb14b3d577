import type { Latent } from '../types';
import { sayUnlikelyFamily } from './find-unlikely-family';

/** Why the picture of a latent is hardly the right one. */
export interface Doubt {
  code: 'doubtful-values' | 'doubtful-family';
  message: string;
}

/** What is doubtful of a latent; nothing of most. An empty one fits no family, so nothing is said of that. */
export function doubtLatent(latent: Latent): Doubt | undefined {
  if (isEmpty(latent)) {
    const message = 'Each channel of this latent is a single value, so there is no picture in it.';
    return { code: 'doubtful-values', message };
  }
  const message = sayUnlikelyFamily(latent);
  return message === undefined ? undefined : { code: 'doubtful-family', message };
}

/**
 * Channels of one value each: what was written before anything was computed. FLUX.2's batch norm has values of its own for
 * each position of 2x2.
 */
function isEmpty({ data, dims }: Pick<Latent, 'data' | 'dims'>): boolean {
  const [, height, width] = dims;
  if (height <= 2 && width <= 2) return false;
  return data.every((value, at) => {
    const y = Math.floor(at / width) % height;
    const x = at % width;
    return value === data[at - (y - (y % 2)) * width - (x - (x % 2))];
  });
}
