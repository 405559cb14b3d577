import type { NamedTensor } from '../../formats';
import { FAMILIES } from '../families';
import { claimWord, type Writer } from '../recognise/claims';
import type { Space } from '../types';

/** `latents_{F}x{H}x{W}_{dtype}`, or without frames; control and mask tensors have a word between. */
const LATENTS = /^latents_(?:(\d+)x)?\d+x\d+_\w+$/;

/** The space of a cache, by its metadata `architecture`. For any other architecture the values decide. */
const SPACES: readonly [RegExp, Space][] = [
  // The encoders of Black Forest Labs scale, and normalise, themselves. ERNIE-Image has FLUX.2's.
  [/^(flux_kontext$|flux_2|ernie_image)/, 'model'],
  // The bare posterior.
  [/^z_image/, 'decoder'],
];

/**
 * Latent caches of kohya-ss/musubi-tuner: safetensors with the metadata `architecture`; [C,h,w], or [C,F,h,w] for the
 * video architectures, none of which is read here.
 * Sources: musubi-tuner `dataset/image_video_dataset.py` (`save_latent_cache_*`), `zimage_cache_latents.py`,
 * `zimage_train_network.py` (`scale_shift_latents`), `flux_2_cache_latents.py`.
 */
export const musubiTuner: Writer = (file) => {
  const { architecture } = file.metadata;
  if (file.container !== 'safetensors' || architecture === undefined) return undefined;
  const [tensor, ...others] = file.tensors.filter(({ name }) => LATENTS.test(name)).toSorted(byPlace);
  if (!tensor) return undefined;
  const reason = `musubi-tuner names the architecture ${architecture}.`;
  const claim = { writer: 'musubi-tuner', tensor, others, preScale: 1, history: [] };
  const said = claimWord(architecture, 0.98, reason);
  if ('foreign' in said) return { ...claim, ...said };
  const space = SPACES.find(([pattern]) => pattern.test(architecture))?.[1];
  return {
    ...claim,
    ...said,
    space: () => space && { value: space, confidence: 0.95, reason },
    layout: FAMILIES[said.family.value].patches.includes('patchified') ? 'patchified' : 'unpacked',
  };
};

/** Pictures before videos, large before small. */
const byPlace = (a: NamedTensor, b: NamedTensor): number =>
  Number(framesOf(a) > 1) - Number(framesOf(b) > 1) || b.bytes.length - a.bytes.length;

const framesOf = ({ name }: NamedTensor): number => Number(LATENTS.exec(name)?.[1] ?? 1);
