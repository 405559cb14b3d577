import type { Latent } from '../types';
import { sayUnlikelyFamily } from './find-unlikely-family';

/** Why the picture of a latent is hardly the right one. */
export interface Doubt {
  code: 'doubtful-values' | 'doubtful-family';
  message: string;
}

/** What is doubtful of a latent; nothing of most. An empty one fits no family, so nothing is said of that. */
export function doubtLatent(latent: Pick<Latent, 'family' | 'provenance'>): Doubt | undefined {
  const empty = sayUniform(latent.provenance.uniform);
  if (empty !== undefined) return { code: 'doubtful-values', message: empty };
  const message = sayUnlikelyFamily(latent);
  return message === undefined ? undefined : { code: 'doubtful-family', message };
}

/** That a latent of one value was written before anything was computed; undefined for others. */
export function sayUniform(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `All values are ${value}: there is no picture in it.`;
}
