import type { PixelFilter, Scale } from '../../client';
import { METHOD_LABELS } from '../../element/latent/method-labels';
import { nameModel } from '../../element/latent/name-model';
import { type Choice, SIDES, type SideId } from '../state/choice';
import { type Models, passesOf } from '../state/choosing/factors';
import type { Item } from '../state/item';
import { formatFactor } from './format';

/** Filters for pixels: what any viewer can do, and what LUA has to beat. */
export const FILTER_NAMES: Record<PixelFilter, string> = { lanczos: 'Lanczos', bicubic: 'bicubic' };

/** @param enlarger name of what enlarges the decoded picture */
export function nameEnlarged(enlarger: string): string {
  return `Decoded, then ${enlarger}`;
}

/** Name of the decoder of a side. */
export function nameDecoder(choice: Choice, models: Models): string {
  return nameChosen(choice.decoder, models) ?? 'Leap decoder';
}

/** 'Bicubic', or 'LUA', or which upscaler where it is not the embedded LUA; and that it runs twice, where it does. */
export function nameMethod(choice: Choice, scale: Scale, models: Models): string {
  if (choice.method === 'pixels') return nameEnlarged(nameEnlarger(choice, models));
  if (choice.method === 'bicubic') return METHOD_LABELS.bicubic;
  const name = nameChosen(choice.lua, models) ?? METHOD_LABELS.lua;
  const model = models.find(choice.lua);
  return model && passesOf(model, scale) === 2 ? `${name}, ${namePasses(scale)}` : name;
}

/** All that makes a picture, in its order: 'LUA, Leap decoder', or 'Leap decoder, then Lanczos'. */
export function nameChoice(choice: Choice, scale: Scale, models: Models): string {
  const decoder = nameDecoder(choice, models);
  if (choice.method === 'pixels') return `${decoder}, then ${nameEnlarger(choice, models)}`;
  return `${nameMethod(choice, scale, models)}, ${decoder}`;
}

/** A name for each side that tells it from the other, where the two differ. */
export function nameSides(
  { choices, scale }: Pick<Item, 'choices' | 'scale'>,
  models: Models,
): Record<SideId, string> {
  const methods = SIDES.map((side) => nameMethod(choices[side], scale, models));
  const [left, right] =
    methods[0] === methods[1] ? SIDES.map((side) => nameDecoder(choices[side], models)) : methods;
  return { left: left!, right: right! };
}

/** 'two passes of 2×', which make 4×. */
export function namePasses(scale: Scale): string {
  return `two passes of ${formatFactor(Math.sqrt(scale))}`;
}

function nameEnlarger({ enlarger = 'lanczos' }: Choice, models: Models): string {
  return isFilter(enlarger) ? FILTER_NAMES[enlarger] : (nameChosen(enlarger, models) ?? enlarger);
}

/** 'Lanczos' for 'lanczos'; what is not a filter stays as it is. */
export function nameFilter(id: string): string {
  return isFilter(id) ? FILTER_NAMES[id] : id;
}

/** @returns undefined for the embedded model, which is not chosen by its id */
function nameChosen(id: string | undefined, models: Models): string | undefined {
  if (id === undefined) return undefined;
  const model = models.find(id);
  return model ? nameModel(model) : id;
}

function isFilter(name: string): name is PixelFilter {
  return name in FILTER_NAMES;
}
