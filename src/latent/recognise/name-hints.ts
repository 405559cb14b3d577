import type { FamilyId } from '../types';

/** What a name says: a family that is read here, or one that is not, by its name. */
export type Named = { family: FamilyId } | { unsupported: string };

/** The first that matches counts, so the special names come before the general ones. */
const NAMES: readonly [RegExp, Named][] = [
  [/flux[\W_]?2|flux2|klein/i, { family: 'flux2' }],
  [/qwen[\W_]?image|qwen/i, { unsupported: 'Qwen-Image' }],
  [/\bwan[\W_]?2|wan2|wan[\W_]?vae|wan_2/i, { unsupported: 'Wan' }],
  [/hunyuan[\W_]?(video|image)/i, { unsupported: 'Hunyuan' }],
  [/\bsana|dc-?ae/i, { unsupported: 'Sana' }],
  [/\bltx/i, { unsupported: 'LTX' }],
  [/mochi/i, { unsupported: 'Mochi' }],
  [/cascade/i, { unsupported: 'Stable Cascade' }],
  [/playground[\W_]?v?2[._]5/i, { unsupported: 'Playground 2.5' }],
  [
    /flux|schnell|kontext|chroma|z[\W_]?image|lumina|hi[\W_]?dream|(^|[\\/])ae\.(safetensors|sft)$/i,
    { family: 'flux1' },
  ],
  [/sd[\W_]?3|stable[\W_]?diffusion[\W_]?3/i, { family: 'sd3' }],
  [
    /sd[\W_]?xl|sdxl|(^|[\W_])xl([\W_]|$)|[a-z]xl([\W_v]|$)|pony|illustrious|noobai|animagine|kolors|pixart[\W_]?sigma|auraflow/i,
    { family: 'sdxl' },
  ],
  [
    /sd[\W_]?(v?1|2)([\W_.]|5|$)|sd15|v1[-_.]5|v1-4|v2-1|768-v-ema|512-base-ema|stable[\W_]?diffusion[\W_]?(v?1|v?2)|vae-ft-(mse|ema)|dreamshaper_8|realistic[\W_]?vision|(^|[\W_])sd([\W_]|$)/i,
    { family: 'sd15' },
  ],
];

/** The family that the name of a checkpoint, VAE or file speaks of; undefined when it says nothing. */
export function familyFromName(name: string): Named | undefined {
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}
