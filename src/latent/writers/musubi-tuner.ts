import type { NamedTensor } from '../../formats';
import type { Writer } from '../recognise/claims';
import { FOREIGN_FAMILIES } from '../recognise/foreign-families';
import { familyFromName } from '../recognise/name-hints';
import type { FamilyId, Layout, Space } from '../types';

/** `latents_{F}x{H}x{W}_{dtype}`, or without frames; control and mask tensors have a word between. */
const LATENTS = /^latents_(?:(\d+)x)?\d+x\d+_\w+$/;

interface Architecture {
  pattern: RegExp;
  family: FamilyId;
  space: Space;
  layout: Layout;
}

/** Metadata `architecture` of the caches whose family is read here. */
const ARCHITECTURES: readonly Architecture[] = [
  // Black Forest Labs' encoders scale, and normalise, themselves; the Z-Image cache is the bare posterior.
  { pattern: /^flux_kontext$/, family: 'flux1', space: 'model', layout: 'unpacked' },
  { pattern: /^flux_2/, family: 'flux2', space: 'model', layout: 'patchified' },
  // ERNIE-Image has FLUX.2's VAE.
  { pattern: /^ernie_image/, family: 'flux2', space: 'model', layout: 'patchified' },
  { pattern: /^z_image/, family: 'flux1', space: 'decoder', layout: 'unpacked' },
];

/**
 * Latent caches of kohya-ss/musubi-tuner: safetensors with the metadata `architecture`; [C,h,w], or [C,F,h,w] for the
 * video architectures, none of which is read here.
 * Sources: musubi-tuner `dataset/image_video_dataset.py` (`save_latent_cache_*`), `zimage_cache_latents.py`,
 * `zimage_train_network.py` (`scale_shift_latents`), `flux_2_cache_latents.py`.
 * Other architectures are of families that are not read.
 */
export const musubiTuner: Writer = (file) => {
  const { architecture } = file.metadata;
  if (file.container !== 'safetensors' || architecture === undefined) return undefined;
  const [tensor, ...others] = file.tensors.filter(({ name }) => LATENTS.test(name)).toSorted(byPlace);
  if (!tensor) return undefined;
  const known = ARCHITECTURES.find(({ pattern }) => pattern.test(architecture));
  const reason = `musubi-tuner names the architecture ${architecture}.`;
  const claim = { writer: 'musubi-tuner', tensor, others, preScale: 1, history: [] };
  if (!known) return { ...claim, foreign: { name: nameOf(architecture), reason } };
  return {
    ...claim,
    family: { value: known.family, confidence: 0.98, reason },
    space: () => ({ value: known.space, confidence: 0.95, reason }),
    layout: known.layout,
  };
};

/** Pictures before videos, large before small. */
const byPlace = (a: NamedTensor, b: NamedTensor): number =>
  Number(framesOf(a) > 1) - Number(framesOf(b) > 1) || b.bytes.length - a.bytes.length;

const framesOf = ({ name }: NamedTensor): number => Number(LATENTS.exec(name)?.[1] ?? 1);

function nameOf(architecture: string): string {
  const named = familyFromName(architecture);
  return named && 'foreign' in named ? FOREIGN_FAMILIES[named.foreign].name : architecture;
}
