import type { Method, PixelFilter } from '../../client';
import { type Choice, SIDES, type SideId } from '../state/choice';
import type { Item } from '../state/item';
import type { ModelShelf } from '../state/model-shelf';
import { nameModel } from './describe-model';

export const METHOD_LABELS: Record<Method, string> = {
  bicubic: 'Bicubic',
  lua: 'LUA',
  pixels: 'Decoded, then Lanczos',
};

/** What may enlarge the picture after it was decoded: what any viewer can do, and what LUA has to beat. */
export const FILTER_LABELS: Record<PixelFilter, string> = {
  lanczos: METHOD_LABELS.pixels,
  bicubic: 'Decoded, then bicubic',
};

/** Name of the decoder of a side. */
export function nameDecoder(choice: Choice, shelf: ModelShelf): string {
  return nameChosen(choice.decoder, shelf) ?? 'Leap decoder';
}

/** 'Bicubic', or 'LUA', or which LUA where it is not the embedded one. */
export function nameMethod(choice: Choice, shelf: ModelShelf): string {
  if (choice.method === 'pixels') return FILTER_LABELS[choice.enlarger ?? 'lanczos'];
  if (choice.method === 'bicubic') return METHOD_LABELS.bicubic;
  return nameChosen(choice.lua, shelf) ?? METHOD_LABELS.lua;
}

/** 'LUA, Leap decoder': all that makes a picture. */
export function nameChoice(choice: Choice, shelf: ModelShelf): string {
  return `${nameMethod(choice, shelf)}, ${nameDecoder(choice, shelf)}`;
}

/** A name for each side that tells it from the other, where the two differ. */
export function nameSides({ choices }: Pick<Item, 'choices'>, shelf: ModelShelf): Record<SideId, string> {
  const methods = SIDES.map((side) => nameMethod(choices[side], shelf));
  const [left, right] =
    methods[0] === methods[1] ? SIDES.map((side) => nameDecoder(choices[side], shelf)) : methods;
  return { left: left!, right: right! };
}

/** @returns undefined for the embedded model, which is not chosen by its id */
function nameChosen(id: string | undefined, shelf: ModelShelf): string | undefined {
  if (id === undefined) return undefined;
  const model = shelf.find(id);
  return model ? nameModel(model) : id;
}
