import { LeapError } from '../../errors';
import { buildWhole } from '../steps/build-steps';
import type { BuiltGraph, UpscalerOptions } from '../types';
import { listNnSteps } from './nn-steps';

/** The scales that it was trained for; at the first one it changes nothing. */
export const NN_SCALES: [number, number] = [1, 2];

/**
 * NNLatentUpscale (Ttl): decoder-space latent [1, 4, h, w] to [1, 4, round(scale h), round(scale w)], for scales above
 * 1 and up to 2.
 *
 * Residual blocks at the small size, a bilinear enlargement, residual blocks at the large one; an embedding of the
 * factor is added in each. GroupNorm and attention see the whole latent: this graph cannot be tiled. Pieces of
 * {@link listNnSteps} can. In fp16 the statistics are fp32 and the features divided, as in the full autoencoders.
 *
 * Names, shapes and results are those of `latent_resizer.py` of Ttl/ComfyUi_NNLatentUpscale at 08105da:
 * training/references/compare_upscalers.py.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout, `bad-option` for another scale
 */
export function buildNnLatentUpscale(options: UpscalerOptions): BuiltGraph {
  const { weights, scale } = options;
  const [least, greatest] = NN_SCALES;
  if (!(scale > least && scale <= greatest)) {
    throw new LeapError('bad-option', `This upscaler enlarges up to ${greatest} times, not ${scale} times.`, {
      scale,
    });
  }
  return buildWhole(listNnSteps(weights, scale), options);
}
