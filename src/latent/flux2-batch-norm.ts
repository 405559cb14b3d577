import published from './fitted/flux2-batch-norm.json' with { type: 'json' };
import type { BatchNorm } from './types';

/** `batch_norm_eps` of diffusers' `AutoencoderKLFlux2`. */
export const BATCH_NORM_EPS = 1e-4;

/**
 * The batch norm of FLUX.2's VAE, which all its models share: `bn.running_mean` and `bn.running_var`, as
 * stable-diffusion.cpp carries them (`auto_encoder_kl.hpp`, means and deviations to four decimals).
 */
export const FLUX2_BATCH_NORM: BatchNorm = {
  mean: published.mean,
  variance: published.deviation.map((deviation) => deviation ** 2 - BATCH_NORM_EPS),
};
