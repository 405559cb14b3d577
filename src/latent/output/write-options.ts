import type { BatchNorm } from '../types';
import type { Consumer } from './consumers';

/** Apart from the writing, so that a page checks what it is told without loading that. */
export const LATENT_FORMATS = ['safetensors', 'comfyui', 'npy'] as const;
export type LatentFormat = (typeof LATENT_FORMATS)[number];

export interface WriteOptions {
  /** The program that will read it: decides space and layout. Default `latent-leap`; a `.latent` is for `comfyui` always. */
  consumer?: Consumer;
  /** Default F32. npy has no BF16. */
  dtype?: 'F32' | 'F16' | 'BF16';
  /** FLUX.2 and the consumer `vae`: the batch norm of a VAE that was trained further. Default: the published one. */
  batchNorm?: BatchNorm;
}
