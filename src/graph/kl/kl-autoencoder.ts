import { buildWhole } from '../steps/build-steps';
import type { AutoencoderOptions, BuiltGraph } from '../types';
import { listKlSteps } from './kl-steps';

/**
 * A full decoder (AutoencoderKL): latent [1, C, h, w] to RGB [1, 3, 8h, 8w], nominally in [0, 1], not clamped.
 *
 * The latent is in decoder space; FLUX.2's is in model space, because its weights carry the statistics: the graph
 * undoes the batch norm, which repeats every two positions, so both sides must be even.
 *
 * GroupNorm and attention see the whole picture: this graph cannot be tiled. Pieces of {@link listKlSteps} can.
 *
 * @throws LeapError `bad-weights` when the tensors are of no known layout, `bad-option` for an odd FLUX.2 latent
 */
export function buildKlDecoder(options: AutoencoderOptions): BuiltGraph {
  return buildWhole(listKlSteps(options.weights, 'decoder'), options);
}

/**
 * A full encoder (AutoencoderKL): RGB [1, 3, 8h, 8w] in [0, 1] to the mean latent [1, C, h, w], in decoder space
 * (FLUX.2: in model space).
 *
 * @throws LeapError as {@link buildKlDecoder}
 */
export function buildKlEncoder(options: AutoencoderOptions): BuiltGraph {
  return buildWhole(listKlSteps(options.weights, 'encoder'), options);
}
