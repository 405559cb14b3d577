import { LeapError } from '../../errors';
import type { Writer } from '../recognise/claims';
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
  { pattern: /^z_image/, family: 'flux1', space: 'decoder', layout: 'unpacked' },
];

/**
 * Latent caches of kohya-ss/musubi-tuner: safetensors with the metadata `architecture`; [C,h,w], or [C,F,h,w] for the
 * video architectures, none of which is read here.
 * Sources: musubi-tuner `dataset/image_video_dataset.py` (`save_latent_cache_*`), `zimage_cache_latents.py`,
 * `zimage_train_network.py` (`scale_shift_latents`), `flux_2_cache_latents.py`.
 * @throws LeapError `unsupported` for other architectures and for more than one frame
 */
export const musubiTuner: Writer = (file) => {
  const { architecture } = file.metadata;
  if (file.container !== 'safetensors' || architecture === undefined) return undefined;
  const [tensor, ...others] = file.tensors.filter(({ name }) => LATENTS.test(name));
  if (!tensor) return undefined;
  const frames = Number(LATENTS.exec(tensor.name)?.[1] ?? 1);
  const known = ARCHITECTURES.find(({ pattern }) => pattern.test(architecture));
  if (frames > 1) {
    throw new LeapError(
      'unsupported',
      `This is a video latent of ${frames} frames; expected a single picture.`,
      {
        frames,
        architecture,
      },
    );
  }
  if (!known) {
    throw new LeapError('unsupported', `This is a latent cache of ${architecture}, which is not supported.`, {
      architecture,
    });
  }
  const reason = `musubi-tuner names the architecture ${architecture}.`;
  return {
    writer: 'musubi-tuner',
    tensor,
    others,
    preScale: 1,
    family: { value: known.family, confidence: 0.98, reason },
    space: () => ({ value: known.space, confidence: 0.95, reason }),
    layout: known.layout,
    history: [],
  };
};
