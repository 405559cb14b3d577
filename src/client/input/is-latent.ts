import type { Latent } from '../../latent/types';

/** A latent as `read()` and `upscale()` give it, or as it came from another thread or page. */
export function isLatent(input: unknown): input is Latent {
  return typeof input === 'object' && input !== null && 'family' in input && 'provenance' in input;
}
