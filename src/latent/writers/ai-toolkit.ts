import { claimWord, type Writer } from '../recognise/claims';

const KEY = 'latent';

/**
 * Latent caches of ostris/ai-toolkit: a safetensors file with one tensor `latent` [C,h,w] (or [C,1,h,w]), scaled as
 * its models take it, and metadata `latent_space_version` that names the latent space (`sd1`, `sdxl`, `zimage`, ...).
 * Source: ai-toolkit `toolkit/dataloader_mixins.py` (`LatentCachingFileItemDTOMixin`).
 */
export const aiToolkit: Writer = (file) => {
  const { latent_space_version: version } = file.metadata;
  const tensor = file.tensors.find(({ name }) => name === KEY);
  if (version === undefined || !tensor) return undefined;
  const reason = `ai-toolkit names the latent space ${version}.`;
  const claim = { writer: 'ai-toolkit', tensor, others: [], preScale: 1, history: [] };
  const said = claimWord(version, 0.98, reason);
  if ('foreign' in said) return { ...claim, ...said };
  return {
    ...claim,
    ...said,
    space: () => ({ value: 'model', confidence: 0.8, reason: 'ai-toolkit caches what its model takes.' }),
  };
};
