import type { ModelKind, ModelPart } from '../../client';
import { joinWords } from '../../join-words';
import { nameKind } from '../../model-kinds';
import { FAMILY_LABELS } from './family-labels';
import { upperFirst } from './format';

/** What a person can do with a model of the kind here. */
export const KIND_USES: Record<ModelKind, string> = {
  lua: 'It enlarges latents. Once it is added, it can be chosen for either side, beside LUA and bicubic.',
  decoder:
    'It turns latents into pictures. Once it is added, it can be chosen for either side, beside the Leap decoder.',
  encoder: 'It turns pictures into latents. This page has an encoder of its own for that, and uses no other.',
  enlarger: 'It enlarges pictures. Once it is added, a side can be decoded first and then enlarged by it.',
};

/** Those that a person can choose once they are added. */
export function usableParts(parts: readonly ModelPart[]): readonly ModelPart[] {
  return parts.filter(({ kind }) => kind !== 'encoder');
}

/**
 * 'A decoder for latents of SD 1.5 or SDXL'; what a file holds, part by part: 'A decoder and an encoder for ...'. A pixel
 * upscaler says by how much it enlarges, where its file tells.
 */
export function describeParts(parts: readonly ModelPart[]): string {
  const kinds = parts.map(({ kind }) => nameKind(kind));
  const text = joinWords([...new Set(kinds)]);
  const families = listFamilies(parts);
  const named = families.length ? ` for latents of ${joinWords(families, 'or')}` : '';
  const [scale, ...others] = parts.flatMap(({ kind, scales = [] }) => (kind === 'enlarger' ? scales : []));
  const factor = scale === undefined || others.length ? '' : ` that enlarges by ${scale}`;
  return `${upperFirst(text)}${named}${factor}`;
}

/** Names of the families whose latents have as many channels; none for what only takes pictures. */
export function listFamilies(parts: readonly ModelPart[]): string[] {
  const ids = parts.filter(({ kind }) => kind !== 'enlarger').flatMap(({ families }) => families);
  return [...new Set(ids)].map((id) => FAMILY_LABELS[id]);
}
