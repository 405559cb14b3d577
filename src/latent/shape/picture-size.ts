import { FAMILIES } from '../families';
import type { Latent } from '../types';

/**
 * Size in pixels of the picture that a latent decodes to, enlarged by `scale`. A latent that was made of a picture gives
 * that picture's own size, even where its sides are not multiples of the family's stride.
 */
export function pictureSizeOf(
  { family, dims, provenance }: Pick<Latent, 'family' | 'dims' | 'provenance'>,
  scale: number,
): { width: number; height: number } {
  const { stride } = FAMILIES[family];
  const own = provenance.picture ?? { width: dims[2] * stride, height: dims[1] * stride };
  return { width: Math.round(own.width * scale), height: Math.round(own.height * scale) };
}
