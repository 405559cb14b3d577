import { LeapError } from '../../errors';
import type { Claim, Statement, Writer } from '../recognise/claims';
import type { FamilyId, Space } from '../types';

/** `latents` (SD, SDXL) or one `latents_{h}x{w}` per resolution. */
const LATENTS = /^latents(_\d+x\d+)?$/;
/** These stand beside every latent of a cache. */
const COMPANION = /^(original_size|crop_ltrb)(_\d+x\d+)?$/;
const SUFFIXES: readonly [RegExp, FamilyId | string][] = [
  [/_sd\.npz$/i, 'sd15'],
  [/_sdxl\.npz$/i, 'sdxl'],
  [/_sd3\.npz$/i, 'sd3'],
  [/_(flux|lumina)\.npz$/i, 'flux1'],
  [/_anima\.npz$/i, 'Anima'],
];
const READ_HERE = new Set<string>(['sd15', 'sdxl', 'sd3', 'flux1']);

/**
 * Latent caches of kohya-ss/sd-scripts: [C,h,w] float32 as the VAE encodes it, which is decoder space for SD, SDXL and
 * SD3, but model space for FLUX.1, whose `AutoEncoder.encode` of Black Forest Labs scales itself. Resolutions share a
 * file; the first is read, the others are offered.
 * Sources: sd-scripts `library/strategy_base.py` (`save_latents_to_disk`), `strategy_{sd,sd3,flux}.py`.
 */
export const sdScripts: Writer = (file, name) => {
  if (file.container !== 'npz' || !file.tensors.some((tensor) => COMPANION.test(tensor.name)))
    return undefined;
  const [tensor, ...others] = file.tensors.filter((one) => LATENTS.test(one.name));
  if (!tensor) return undefined;
  const family = familyFromSuffix(name);
  const claim: Claim = {
    writer: 'sd-scripts',
    tensor,
    others,
    preScale: 1,
    layout: 'unpacked',
    space: spaceOf,
    history: [],
  };
  return family ? { ...claim, family } : claim;
};

/** @throws LeapError `unsupported` for the suffix of another family */
function familyFromSuffix(name: string): Statement<FamilyId> | undefined {
  const family = SUFFIXES.find(([pattern]) => pattern.test(name))?.[1];
  if (family === undefined) return undefined;
  if (READ_HERE.has(family)) {
    const reason = 'sd-scripts ends the names of its caches so.';
    return { value: family as FamilyId, confidence: 0.95, reason };
  }
  throw new LeapError('unsupported', `This is a latent cache of ${family}, which is not supported.`, {
    family,
  });
}

function spaceOf(family: FamilyId): Statement<Space> {
  if (family === 'flux1')
    return { value: 'model', confidence: 0.95, reason: 'sd-scripts caches FLUX.1 scaled.' };
  return { value: 'decoder', confidence: 0.95, reason: 'sd-scripts caches what the VAE encodes, unscaled.' };
}
