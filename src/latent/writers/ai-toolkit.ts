import { claimNamed, type Writer } from '../recognise/claims';
import { FOREIGN_FAMILIES } from '../recognise/foreign-families';
import { familyFromName, type Named } from '../recognise/name-hints';

const KEY = 'latent';
/** Metadata `latent_space_version` of the families that are read here. */
const VERSIONS: Readonly<Record<string, Named>> = {
  sd1: { family: 'sd15' },
  sd15: { family: 'sd15' },
  sd2: { family: 'sd15' },
  sdxl: { family: 'sdxl' },
  sd3: { family: 'sd3' },
  flux1: { family: 'flux1' },
  flux: { family: 'flux1' },
  zimage: { family: 'flux1' },
  flux2: { family: 'flux2' },
};

/**
 * Latent caches of ostris/ai-toolkit: a safetensors file with one tensor `latent` [C,h,w] (or [C,1,h,w]), scaled as
 * its models take it, and metadata that names the latent space.
 * Source: ai-toolkit `toolkit/dataloader_mixins.py` (`LatentCachingFileItemDTOMixin`).
 */
export const aiToolkit: Writer = (file) => {
  const { latent_space_version: version } = file.metadata;
  const tensor = file.tensors.find(({ name }) => name === KEY);
  if (version === undefined || !tensor) return undefined;
  const reason = `ai-toolkit names the latent space ${version}.`;
  const named = Object.hasOwn(VERSIONS, version) ? VERSIONS[version] : familyFromName(version);
  const foreign = {
    name: named && 'foreign' in named ? FOREIGN_FAMILIES[named.foreign].name : version,
    reason,
  };
  const claim = { writer: 'ai-toolkit', tensor, others: [], preScale: 1, history: [] };
  if (!named || 'foreign' in named) return { ...claim, foreign };
  return {
    ...claim,
    ...claimNamed(named, 0.98, reason),
    space: () => ({ value: 'model', confidence: 0.8, reason: 'ai-toolkit caches what its model takes.' }),
  };
};
