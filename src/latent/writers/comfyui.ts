import { defined } from '../../defined';
import type { NamedTensor, TensorFile } from '../../formats';
import { FAMILIES } from '../families';
import { type Claim, claimNamed, type Statement, type Writer } from '../recognise/claims';
import { findNamedModel } from '../recognise/comfyui-graph';
import { familyFromName } from '../recognise/name-hints';
import { fitsShape } from '../recognise/named-fits';
import type { FamilyId, Space } from '../types';
import { describeMask, readBatchIndex } from './latent-dict';

export const LATENT_TENSOR = 'latent_tensor';
/** An empty tensor; files without it are older than the format's version 0. */
export const VERSION_MARKER = 'latent_format_version_0';

/** Keys of a LATENT dict that nodes save as it is. */
const SAMPLES = 'samples';
const LATENT_DICT = ['noise_mask', 'batch_index', 'downscale_ratio_spacial', 'downscale_ratio_temporal'];
/** [B,C,T,H,W] */
const VIDEO_AXES = 5;

/**
 * ComfyUI's `.latent`: what its VAEDecode takes. That is decoder space (`LatentFormat.process_out` has run); for FLUX.2
 * it is model space, because its VAE undoes the batch norm itself. LoadLatent multiplies files without the version
 * marker by 1/0.18215: they are from the time of SD 1.x. Custom nodes save the LATENT dict with its own keys: `samples`,
 * perhaps `noise_mask`, and metadata `batch_index`. Its values are the same.
 * Sources: ComfyUI `nodes.py` (SaveLatent, LoadLatent), `comfy/latent_formats.py`.
 */
export const comfyui: Writer = (file, name) => {
  const saved =
    file.container === 'safetensors' ? file.tensors.find((one) => one.name === LATENT_TENSOR) : undefined;
  const tensor = saved ?? findSamples(file);
  if (!tensor) return undefined;
  const old = tensor === saved && !file.tensors.some((one) => one.name === VERSION_MARKER);
  const mask = describeMask(file);
  const claim: Claim = {
    writer: 'ComfyUI',
    tensor,
    others: [],
    preScale: old ? 1 / FAMILIES.sd15.scale : 1,
    space: spaceOf,
    history: [],
    ...defined({ batchIndex: readBatchIndex(file), remarks: mask === undefined ? undefined : [mask] }),
  };
  if (old) return { ...claim, family: OLD_FAMILY };
  return { ...claim, ...familyOf(file.metadata, name, tensor) };
};

function findSamples({ tensors, metadata }: TensorFile): NamedTensor | undefined {
  const samples = tensors.find(({ name }) => name === SAMPLES);
  const marked = LATENT_DICT.some((key) => key in metadata || tensors.some(({ name }) => name === key));
  // An array of five axes under this key comes from nobody else.
  return samples && (marked || samples.shape.length === VIDEO_AXES) ? samples : undefined;
}

const OLD_FAMILY: Statement<FamilyId> = {
  value: 'sd15',
  confidence: 0.9,
  reason: 'The .latent has no version marker, so it is from the time of SD 1.x.',
};

/** What the graph says, then the file's name, then the axes: ComfyUI gives only the latents of video VAEs five. */
function familyOf(
  metadata: Readonly<Record<string, string>>,
  name: string,
  { shape }: NamedTensor,
): Pick<Claim, 'family' | 'foreign'> {
  const fits = fitsShape(shape);
  const found = findNamedModel(metadata, fits);
  if (found) return claimNamed(found.named, 0.9, `Its ComfyUI graph uses ${found.model}.`);
  const named = claimNamed(familyFromName(name, fits), 0.8, `The file is called ${name}.`);
  if (named.family || named.foreign || shape.length !== VIDEO_AXES) return named;
  return {
    foreign: {
      name: 'Qwen-Image, Wan or another with a VAE of videos',
      reason: 'Its values have five axes, which ComfyUI gives to their latents only.',
    },
  };
}

function spaceOf(family: FamilyId): Statement<Space> {
  if (FAMILIES[family].batchNorm) {
    return { value: 'model', confidence: 0.95, reason: 'ComfyUI keeps FLUX.2 latents normalised.' };
  }
  return { value: 'decoder', confidence: 0.95, reason: 'ComfyUI saves what its VAE decoder takes.' };
}
