import { isFamilyId } from '../families';
import type { FamilyId } from '../types';
import type { ForeignId } from './foreign-families';

/** What a name says: a family that is read here, perhaps one besides that is not, or only one that is not. */
export type Named = { family: FamilyId; besides?: ForeignId } | { foreign: ForeignId };

const toNamed = (id: FamilyId | ForeignId): Named => (isFamilyId(id) ? { family: id } : { foreign: id });

/** A word of a name: neither a letter before it nor one behind. */
const word = (pattern: string) => new RegExp(`(?<![a-z])(${pattern})(?![a-z])`, 'i');
/** The beginning of a word, behind which anything may follow. */
const begins = (pattern: string) => new RegExp(`(?<![a-z])(${pattern})`, 'i');

/** The first that matches counts, so the special names come before the general ones. */
const NAMES: readonly [RegExp, FamilyId | ForeignId][] = [
  [/flux[\W_]?2|(?<![a-z])klein|ernie[\W_]?image/i, 'flux2'],
  [begins('qwen(?![a-z])|qwen(image|edit|vl|vae)'), 'qwen'],
  [word('wan(video|vae|[\\W_]?[23]([\\W_.]?\\d)?)?'), 'wan'],
  [begins('hunyuan|framepack'), 'hunyuan'],
  [word('cosmos|cosmos[\\W_]?predict\\d?'), 'cosmos'],
  [word('anima'), 'anima'],
  [begins('cogvideo'), 'cogvideo'],
  [word('sana|dc[\\W_]?ae'), 'sana'],
  [word('ltxv?|ltx[\\W_]?video'), 'ltx'],
  [word('mochi'), 'mochi'],
  [/(?<![a-z])(stable[\W_]?cascade|cascade[\W_]?stage|stage[\W_][abc](?![a-z]))/i, 'cascade'],
  [/playground[\W_]?v?2[._]5/i, 'playground'],
  [/(?<![a-z])(ace[\W_]?step|stable[\W_]?audio|audio(?![a-z]))/i, 'audio'],
  [/flux|schnell|kontext|chroma|z[\W_]?image|lumina|hi[\W_]?dream|(^|[\\/])ae\.(safetensors|sft)$/i, 'flux1'],
  [/sd[\W_]?3|stable[\W_]?diffusion[\W_]?3/i, 'sd3'],
  [
    /sd[\W_]?xl|sdxl|(^|[\W_])xl([\W_]|$)|[a-z]xl([\W_v]|$)|pony|illustrious|noobai|animagine|kolors|pixart[\W_]?sigma|auraflow/i,
    'sdxl',
  ],
  [
    /sd[\W_]?(v?1|2)([\W_.]|5|$)|sd15|v1[-_.]5|v1-4|v2-1|768-v-ema|512-base-ema|stable[\W_]?diffusion[\W_]?(v?1|v?2)|vae-ft-(mse|ema)|dreamshaper_8|realistic[\W_]?vision|(^|[\W_])sd([\W_]|$)/i,
    'sd15',
  ],
];
/** Made of a family that is read here, which their names may say as well. */
const FINE_TUNES: readonly ForeignId[] = ['playground'];
/** Longer names are texts. */
const MAX_CHARS = 1000;

/**
 * The family that the name of a checkpoint, VAE or file speaks of; undefined when it says nothing.
 * @param fits which of them could be meant: a fine-tune may be called after anything
 */
export function familyFromName(
  name: string,
  fits: (named: Named) => boolean = () => true,
): Named | undefined {
  if (name.length > MAX_CHARS) return undefined;
  const all = NAMES.filter(([pattern]) => pattern.test(name))
    .map(([, id]) => toNamed(id))
    .filter(fits);
  const [first] = all;
  if (!first || 'family' in first || FINE_TUNES.includes(first.foreign)) return first;
  // A style or a mix may be called after another model; what reads here is the likelier base.
  const own = all.find((named) => 'family' in named);
  return own ? { ...own, besides: first.foreign } : first;
}

/** Text encoders that ComfyUI loads for one family only, by the input `type` of its loaders. */
const ENCODER_TYPES: Readonly<Record<string, FamilyId | ForeignId>> = {
  sdxl: 'sdxl',
  sd3: 'sd3',
  flux: 'flux1',
  chroma: 'flux1',
  hidream: 'flux1',
  lumina2: 'flux1',
  flux2: 'flux2',
  qwen_image: 'qwen',
  wan: 'wan',
  cosmos: 'cosmos',
  hunyuan_video: 'hunyuan',
  hunyuan_image: 'hunyuan',
  ltxv: 'ltx',
  mochi: 'mochi',
  stable_cascade: 'cascade',
  ace: 'audio',
  stable_audio: 'audio',
};

/** What the type of a text encoder's loader says; `stable_diffusion` is the default and says nothing. */
export function familyFromEncoder(type: string): Named | undefined {
  return Object.hasOwn(ENCODER_TYPES, type) ? toNamed(ENCODER_TYPES[type]!) : undefined;
}
