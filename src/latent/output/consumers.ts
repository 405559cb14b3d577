import { FAMILIES } from '../families';
import type { FamilyId, Layout, Space } from '../types';

/**
 * Who reads a file that is written here.
 * - `latent-leap`: this project
 * - `comfyui`: LoadLatent, then VAEDecode
 * - `diffusers`: what a pipeline takes as `latents`; but for FLUX.2's also what it returns for `output_type="latent"`
 * - `vae`: the argument of `vae.decode`
 */
export type Consumer = (typeof CONSUMERS)[number];
export const CONSUMERS = ['latent-leap', 'comfyui', 'diffusers', 'vae'] as const;

/**
 * The space and the layout that a consumer expects of a family.
 * Sources: ComfyUI `comfy/latent_formats.py` (`process_in` of each family; FLUX.2 has 128 channels, normalised);
 * diffusers `pipelines/flux/pipeline_flux.py` and `pipelines/flux2/pipeline_flux2.py` (`prepare_latents`: FLUX.1's takes
 * packed latents, FLUX.2's packs them itself).
 */
export function expectedBy(consumer: Consumer, family: FamilyId): { space: Space; layout: Layout } {
  const { batchNorm, patches } = FAMILIES[family];
  switch (consumer) {
    case 'comfyui':
      return batchNorm ? { space: 'model', layout: 'patchified' } : { space: 'decoder', layout: 'unpacked' };
    case 'diffusers':
      if (batchNorm) return { space: 'model', layout: 'patchified' };
      return { space: 'model', layout: patches.includes('packed') ? 'packed' : 'unpacked' };
    case 'vae':
      return { space: 'decoder', layout: 'unpacked' };
    case 'latent-leap':
      return { space: 'model', layout: 'unpacked' };
  }
}
