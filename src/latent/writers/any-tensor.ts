import { LeapError } from '../../errors';
import { isFloatDtype, type NamedTensor } from '../../formats';
import { FAMILIES } from '../families';
import type { Statement, Writer } from '../recognise/claims';
import { familyFromName } from '../recognise/name-hints';
import { hintAtOrder, readShape } from '../shape/read-shape';
import type { FamilyId, Space } from '../types';

/** Names that people give a latent, the likeliest first. */
const USUAL_NAMES = ['latents', 'latent', 'samples', 'sample', 'z', 'x', 'images', 'tensor', 'arr_0', ''];

/**
 * A file without the marks of a known writer: what a diffusers pipeline returns for `output_type="latent"`, saved by
 * whatever means. The tensor is found by its name, or because it is the first whose shape a latent can have;
 * metadata `family` and `space` and the file's name are believed. Space: diffusers scales latents for the decoder
 * only when it decodes, so they are model space; its klein pipeline alone un-normalises first.
 * Source: diffusers `pipelines/<family>/pipeline_<family>.py`, `__call__`.
 * @throws LeapError `not-a-latent` when no tensor has the shape of a latent
 */
export const anyTensor: Writer = (file, name) => {
  const floats = file.tensors.filter(({ dtype, bytes }) => isFloatDtype(dtype) && bytes.length > 0);
  const possible = floats.filter(({ shape }) => canBeLatent(shape));
  const [tensor, ...others] = possible.toSorted((a, b) => rankName(a) - rankName(b));
  if (!tensor) throw noLatent(file.tensors);
  const family = familyFromFile(file.metadata, name);
  const space = spaceFromFile(file.metadata);
  return {
    writer: '',
    tensor,
    others,
    preScale: 1,
    history: [],
    ...(family ? { family } : {}),
    ...(space ? { space: () => space } : {}),
  };
};

function canBeLatent(shape: readonly number[]): boolean {
  try {
    readShape(shape, { unlikely: true });
    return true;
  } catch (thrown) {
    // Video and outsized latents are no other kind of thing: their own error says more.
    return thrown instanceof LeapError && thrown.code !== 'not-a-latent';
  }
}

/** A nested tensor has the best rank of the keys that lead to it: `images.0` counts as `images`. */
function rankName({ name }: NamedTensor): number {
  const ranks = name.split('.').map((key) => USUAL_NAMES.indexOf(key));
  return Math.min(...ranks.map((rank) => (rank < 0 ? USUAL_NAMES.length : rank)));
}

function familyFromFile(
  metadata: Readonly<Record<string, string>>,
  name: string,
): Statement<FamilyId> | undefined {
  const { family } = metadata;
  if (family && Object.hasOwn(FAMILIES, family)) {
    return { value: family as FamilyId, confidence: 0.95, reason: 'The metadata of the file says so.' };
  }
  const named = familyFromName(name);
  if (!named || !('family' in named)) return undefined;
  return { value: named.family, confidence: 0.8, reason: `The file is called ${name}.` };
}

function spaceFromFile({ space }: Readonly<Record<string, string>>): Statement<Space> | undefined {
  if (space !== 'model' && space !== 'decoder') return undefined;
  return { value: space, confidence: 0.95, reason: 'The metadata of the file says so.' };
}

/** Names the first tensors, so that one sees what the file is. */
function noLatent(tensors: readonly NamedTensor[]): LeapError {
  const found = tensors
    .slice(0, 4)
    .map(
      ({ name, dtype, shape }) => `${name || 'array'} ${dtype} [${shape.join(', ')}]${hintAtOrder(shape)}`,
    );
  const more = tensors.length > found.length ? ` and ${tensors.length - found.length} more` : '';
  return new LeapError(
    'not-a-latent',
    `No tensor of this file has the shape of a latent; it holds ${found.join(', ') || 'no tensors'}${more}. ` +
      'Expected 4, 16, 32 or 128 channels as [C,H,W] or [B,C,H,W], or packed [B,N,64] or [B,N,128].',
    { found, tensors: tensors.length },
  );
}
