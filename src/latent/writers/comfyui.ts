import { LeapError } from '../../errors';
import { FAMILIES } from '../families';
import type { Claim, Statement, Writer } from '../recognise/claims';
import { findNamedModel } from '../recognise/comfyui-graph';
import type { FamilyId, Space } from '../types';

export const LATENT_TENSOR = 'latent_tensor';
/** An empty tensor; files without it are older than the format's version 0. */
export const VERSION_MARKER = 'latent_format_version_0';

/**
 * ComfyUI's `.latent`: what its VAEDecode takes, which is decoder space (`LatentFormat.process_out` has run), but
 * normalised, that is model space, for FLUX.2, whose VAE undoes the batch norm itself. LoadLatent multiplies files
 * without the version marker by 1/0.18215: they are from the time of SD 1.x.
 * Sources: ComfyUI `nodes.py` (SaveLatent, LoadLatent), `comfy/latent_formats.py`.
 */
export const comfyui: Writer = (file) => {
  const tensor = file.tensors.find(({ name }) => name === LATENT_TENSOR);
  if (file.container !== 'safetensors' || !tensor) return undefined;
  const versioned = file.tensors.some(({ name }) => name === VERSION_MARKER);
  const family = versioned ? familyFromGraph(file.metadata) : OLD_FAMILY;
  const claim: Claim = {
    writer: 'ComfyUI',
    tensor,
    others: [],
    preScale: versioned ? 1 : 1 / FAMILIES.sd15.scale,
    space: spaceOf,
    history: [],
  };
  return family ? { ...claim, family } : claim;
};

const OLD_FAMILY: Statement<FamilyId> = {
  value: 'sd15',
  confidence: 0.9,
  reason: 'The .latent has no version marker, so it is from the time of SD 1.x.',
};

/** @throws LeapError `unsupported` when the graph names a family that is not read here */
function familyFromGraph(metadata: Readonly<Record<string, string>>): Statement<FamilyId> | undefined {
  const found = findNamedModel(metadata);
  if (!found) return undefined;
  if ('family' in found.named) {
    return { value: found.named.family, confidence: 0.9, reason: `Its ComfyUI graph loads ${found.model}.` };
  }
  throw new LeapError(
    'unsupported',
    `This is a latent of ${found.named.unsupported} (its graph loads ${found.model}), which is not supported.`,
    { model: found.model, family: found.named.unsupported },
  );
}

function spaceOf(family: FamilyId): Statement<Space> {
  if (FAMILIES[family].batchNorm) {
    return { value: 'model', confidence: 0.95, reason: 'ComfyUI keeps FLUX.2 latents normalised.' };
  }
  return { value: 'decoder', confidence: 0.95, reason: 'ComfyUI saves what its VAE decoder takes.' };
}
