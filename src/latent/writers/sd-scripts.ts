import type { NamedTensor, TensorFile } from '../../formats';
import { FAMILIES } from '../families';
import { type Claim, claimNamed, type Statement, type Writer } from '../recognise/claims';
import type { Named } from '../recognise/name-hints';
import type { FamilyId, Space } from '../types';

/** `latents` (SD, SDXL) or one `latents_{h}x{w}` per resolution; in safetensors followed by the dtype. */
const LATENTS = /^latents(_(\d+)x(\d+)(_\w+)?)?$/;
/** These stand beside every latent of a cache. */
const COMPANION = /^(original_size|crop_ltrb)(_\d+x\d+)?$/;
const SUFFIXES: readonly [RegExp, Named][] = [
  [/_sd\.(npz|safetensors)$/i, { family: 'sd15' }],
  [/_sdxl\.(npz|safetensors)$/i, { family: 'sdxl' }],
  [/_sd3\.(npz|safetensors)$/i, { family: 'sd3' }],
  [/_(flux|lumina)\.(npz|safetensors)$/i, { family: 'flux1' }],
  [/_anima\.(npz|safetensors)$/i, { foreign: 'anima' }],
  [/_hi(mg)?\.(npz|safetensors)$/i, { foreign: 'hunyuan' }],
];
/** Metadata `architecture` of the caches in safetensors; others are musubi-tuner's. */
const ARCHITECTURES: readonly [RegExp, Named][] = [
  [/^(sd|sd_?v?1|sd_?v?2|sd15|stable[-_]diffusion([-_]v[12].*)?)$/i, { family: 'sd15' }],
  [/^(sdxl|stable[-_]diffusion[-_]xl.*)$/i, { family: 'sdxl' }],
  [/^(sd_?v?3|sd35|stable[-_]diffusion[-_]3.*)$/i, { family: 'sd3' }],
  [/^(flux|flux_?1|chroma|lumina2?)$/i, { family: 'flux1' }],
  [/^anima$/i, { foreign: 'anima' }],
];

/**
 * Latent caches of kohya-ss/sd-scripts: [C,h,w] as the VAE encodes it, which is decoder space for SD, SDXL and SD3, but
 * model space for FLUX.1, whose `AutoEncoder.encode` of Black Forest Labs scales itself. Resolutions share a file; the
 * one that the file's name says is read, else the largest, and the others are offered.
 * Sources: sd-scripts `library/strategy_base.py` (`save_latents_to_disk`), `strategy_{sd,sd3,flux}.py`.
 */
export const sdScripts: Writer = (file, name) => {
  if (file.container !== 'npz' && file.container !== 'safetensors') return undefined;
  const { architecture } = file.metadata;
  const named = ARCHITECTURES.find(
    ([pattern]) => architecture !== undefined && pattern.test(architecture),
  )?.[1];
  if (!named && !isCache(file)) return undefined;
  const [tensor, ...others] = file.tensors.filter((one) => LATENTS.test(one.name)).toSorted(bySize(name));
  if (!tensor) return undefined;
  const claim: Claim = {
    writer: 'sd-scripts',
    tensor,
    others,
    choice: {
      confidence: 0.7,
      reason: `The file holds ${others.length + 1} resolutions; this is the one that the file's name says, or else the largest.`,
    },
    preScale: 1,
    layout: 'unpacked',
    space: spaceOf,
    history: [],
  };
  if (named)
    return { ...claim, ...claimNamed(named, 0.95, `Its metadata names the architecture ${architecture}.`) };
  const suffix = SUFFIXES.find(([pattern]) => pattern.test(name))?.[1];
  return { ...claim, ...claimNamed(suffix, 0.95, 'sd-scripts gives its caches names with this ending.') };
};

function isCache({ container, tensors }: TensorFile): boolean {
  return container === 'npz' && tensors.some((tensor) => COMPANION.test(tensor.name));
}

/** `cat_0384x0256_sdxl.npz` is of a picture of 384 x 256 pixels: its latent comes first, then the largest. */
function bySize(name: string): (a: NamedTensor, b: NamedTensor) => number {
  // Every family that it caches has this stride.
  const { stride } = FAMILIES.sdxl;
  const [, width, height] = /_(\d{3,5})x(\d{3,5})_/.exec(name)?.map(Number) ?? [];
  const isNamed = ({ shape }: NamedTensor) =>
    shape.at(-1) === width! / stride && shape.at(-2) === height! / stride;
  return (a, b) => Number(isNamed(b)) - Number(isNamed(a)) || b.bytes.length - a.bytes.length;
}

function spaceOf(family: FamilyId): Statement<Space> {
  if (family === 'flux1')
    return { value: 'model', confidence: 0.95, reason: 'sd-scripts caches FLUX.1 scaled.' };
  return { value: 'decoder', confidence: 0.95, reason: 'sd-scripts caches what the VAE encodes, unscaled.' };
}
