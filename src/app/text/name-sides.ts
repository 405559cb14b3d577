import type { Method } from '../../client';
import { type Choice, SIDES, type SideId } from '../state/choice';
import type { Item } from '../state/item';
import type { ModelShelf } from '../state/model-shelf';
import { nameModel } from './describe-model';

export const METHOD_LABELS: Record<Method, string> = {
  bicubic: 'Bicubic',
  lua: 'LUA',
  pixels: 'Decoded, then enlarged',
};

/** Name of the decoder of a side. */
export function nameDecoder(choice: Choice, shelf: ModelShelf): string {
  return nameChosen(choice.decoder, shelf) ?? 'Leap decoder';
}

/** 'Bicubic', or 'LUA', or which LUA where it is not the embedded one. */
export function nameMethod(choice: Choice, shelf: ModelShelf): string {
  if (choice.method !== 'lua') return METHOD_LABELS[choice.method];
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
