import type { Claim, Statement, Writer } from '../claims';
import { FAMILIES } from '../families';
import type { FamilyId, Space } from '../types';
import { anyTensor } from './any-tensor';

const RELEASE_KEY = 'latent';

/**
 * Files of `torch.save`. InvokeAI keeps latents as bare tensors in files without an extension; the benchmark of the LUA
 * release keeps dicts with a float32 `latent` of FLUX.1 in decoder space. Both can be anybody's, so the space of the
 * latter gives way to the values.
 * Sources: InvokeAI `latents_storage_disk.py`, `ObjectSerializerDisk`; vaskers5/LUA.
 */
export const torchTensor: Writer = (file, name) => {
  if (file.container !== 'torch-zip') return undefined;
  const claim = anyTensor(file, name);
  if (!claim) return undefined;
  const { tensor } = claim;
  const bare = file.tensors.length === 1 && tensor.name === '';
  if (bare && !name.includes('.')) return { ...claim, writer: 'InvokeAI', space: () => INVOKEAI_SPACE };
  if (
    tensor.name === RELEASE_KEY &&
    tensor.dtype === 'F32' &&
    tensor.shape.includes(FAMILIES.flux1.channels)
  ) {
    return { ...claim, family: claim.family ?? RELEASE_FAMILY, space: () => RELEASE_SPACE } satisfies Claim;
  }
  return claim;
};

const INVOKEAI_SPACE: Statement<Space> = {
  value: 'model',
  confidence: 0.8,
  reason: 'InvokeAI stores what its denoiser gives, as a bare tensor.',
};
const RELEASE_FAMILY: Statement<FamilyId> = {
  value: 'flux1',
  confidence: 0.6,
  reason: 'The LUA release saves FLUX.1 latents under this key.',
};
const RELEASE_SPACE: Statement<Space> = {
  value: 'decoder',
  confidence: 0.6,
  reason: 'The LUA release saves latents under this key, in decoder space.',
};
