import { FAMILIES } from '../families';
import type { Claim, Statement, Writer } from '../recognise/claims';
import type { FamilyId, Space } from '../types';
import { anyTensor } from './any-tensor';

const RELEASE_KEY = 'latent';

/**
 * Files of `torch.save`. InvokeAI keeps latents as bare tensors in files without an extension
 * (`Tensor_<thread>-<uuid>`), as its denoiser gives them: model space, but decoder space for FLUX.2, whose denoiser
 * undoes the batch norm. The benchmark of the LUA release keeps dicts with a float32 `latent` of FLUX.1 in decoder
 * space; anybody's can look so, so both give way to the values.
 * Sources: InvokeAI `object_serializer_disk.py`, `flux2_vae_decode.py`; vaskers5/LUA.
 */
export const torchTensor: Writer = (file, name) => {
  if (file.container !== 'torch-zip' && file.container !== 'torch-legacy') return undefined;
  const claim = anyTensor(file, name);
  if (!claim) return undefined;
  const { tensor } = claim;
  const bare = file.tensors.length === 1 && tensor.name === '';
  if (bare && name !== '' && !name.includes('.'))
    return { ...claim, writer: 'InvokeAI', space: invokeAiSpace };
  if (
    tensor.name === RELEASE_KEY &&
    tensor.dtype === 'F32' &&
    tensor.shape.includes(FAMILIES.flux1.channels)
  ) {
    return { ...claim, family: claim.family ?? RELEASE_FAMILY, space: () => RELEASE_SPACE } satisfies Claim;
  }
  return claim;
};

function invokeAiSpace(family: FamilyId): Statement<Space> {
  if (FAMILIES[family].batchNorm) {
    return {
      value: 'decoder',
      confidence: 0.8,
      reason: 'The denoiser of InvokeAI undoes the batch norm of FLUX.2.',
    };
  }
  return {
    value: 'model',
    confidence: 0.8,
    reason: 'InvokeAI stores what its denoiser gives, as a bare tensor.',
  };
}

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
