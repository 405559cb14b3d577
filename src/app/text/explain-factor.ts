import type { Latent, Scale } from '../../client';
import { joinWords } from '../../join-words';
import { SIDES } from '../state/choice';
import { factorsOf, type Models } from '../state/choosing/factors';
import type { Item } from '../state/item';
import { formatFactor, formatSize } from './format';
import { nameMethod } from './name-sides';

/**
 * Why an item begins with another factor than was asked: 'Enlarged 2× instead of 1.5×: LUA makes 2× and 4×.' It does not
 * name the item, so that a queue of them is said once.
 */
export function explainFactor(
  { choices, scale }: Pick<Item, 'choices' | 'scale'>,
  latent: Latent,
  asked: Scale,
  models: Models,
): string {
  const changed = `Enlarged ${formatFactor(scale)} instead of ${formatFactor(asked)}`;
  const plain = factorsOf({ method: 'bicubic', lua: undefined, decoder: undefined }, latent, models, asked);
  if (!plain.includes(asked)) {
    const [, height, width] = latent.dims;
    return `${changed}: a latent of ${formatSize(width, height)} would not have whole sides.`;
  }
  const limits = SIDES.flatMap((side) => {
    const factors = factorsOf(choices[side], latent, models, asked);
    if (factors.includes(asked)) return [];
    return `${nameMethod(choices[side], scale, models)} makes ${joinWords(factors.map(formatFactor))}`;
  });
  return `${changed}: ${joinWords([...new Set(limits)])}. Others, chosen above the picture, make other factors.`;
}
