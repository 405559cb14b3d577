import { FAMILIES, type FamilyId, type Latent, type ModelStatus, type Scale } from '../../../client';
import { denominatorOf, isWhole, LARGEST_FACTOR, offersScale } from '../../../factor';
import { type Choice, type Choices, RESIZED, type SideId } from '../choice';
import type { Item } from '../item';
import type { ModelShelf } from '../model-shelf';

/** Those offered where an upscaler takes any. */
const USUAL: readonly Scale[] = [1.25, 1.5, 2, 3, 4];
/** The factors of every embedded LUA, used until the list of models is read. */
const LUA_FACTORS: readonly Scale[] = [2, 4];

/** What is asked of the list of models. */
export type Models = Pick<ModelShelf, 'find' | 'fitting'>;

/** The model that enlarges, where one does; undefined for filters, and where it is not known. */
function upscalerOf(
  { method, lua, enlarger }: Choice,
  family: FamilyId,
  models: Models,
): ModelStatus | undefined {
  if (method === 'bicubic') return undefined;
  if (method === 'pixels') return models.find(enlarger);
  return lua === undefined
    ? models.fitting(family, 'lua').find(({ embedded }) => embedded)
    : models.find(lua);
}

/**
 * How often an upscaler has to run in a row: twice where it has no such factor, but its root.
 * @returns undefined where it cannot make the factor
 */
export function passesOf(model: ModelStatus, scale: Scale): 1 | 2 | undefined {
  if (offersScale(model, scale)) return 1;
  const root = Math.sqrt(scale);
  return model.kind === 'lua' && denominatorOf(root) !== undefined && offersScale(model, root)
    ? 2
    : undefined;
}

/** The same of a choice; filters make any factor at once. */
export function passesFor(choice: Choice, family: FamilyId, scale: Scale, models: Models): 1 | 2 | undefined {
  const model = upscalerOf(choice, family, models);
  if (model) return passesOf(model, scale);
  const embedded = choice.method === 'lua' && choice.lua === undefined;
  return !embedded || LUA_FACTORS.includes(scale) ? 1 : undefined;
}

/**
 * The factors that the choice has for this latent, in order: those that its upscaler makes and that keep sides whole.
 * @param asked one that is offered too where it can be made, be it as unusual as 1.75
 */
export function factorsOf(choice: Choice, latent: Latent, models: Models, asked?: Scale): Scale[] {
  const own = upscalerOf(choice, latent.family, models)?.scales ?? [];
  return [...new Set([...USUAL, ...own, ...(asked ? [asked] : [])])]
    .filter((scale) => {
      const passes = scale <= LARGEST_FACTOR && passesFor(choice, latent.family, scale, models);
      return passes && keepsWhole(latent, choice, scale ** (1 / passes), passes);
    })
    .sort((a, b) => a - b);
}

/** Those that both sides have: two pictures are compared at one size. */
export function commonFactors(choices: Choices, latent: Latent, models: Models, asked?: Scale): Scale[] {
  const right = factorsOf(choices.right, latent, models, asked);
  return factorsOf(choices.left, latent, models, asked).filter((scale) => right.includes(scale));
}

/** The one of them that is nearest to the factor; the factor itself where there are none. */
export function nearestFactor(factors: readonly Scale[], wanted: Scale): Scale {
  const [nearest = wanted] = factors.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
  return nearest;
}

/**
 * What becomes of an item when one of its sides chooses anew: the factor goes to the nearest that both sides have.
 * Where they have none in common, the resized picture, which has any, takes the place of the other side's.
 */
export function settleChoice(
  { choices: before, scale, latent }: Pick<Item, 'choices' | 'scale'> & { latent: Latent },
  side: SideId,
  choice: Choice,
  models: Models,
): { choices: Choices; scale: Scale } {
  const choices = { ...before, [side]: choice };
  const factors = commonFactors(choices, latent, models, scale);
  if (factors.length) return { choices, scale: nearestFactor(factors, scale) };
  const other = side === 'left' ? 'right' : 'left';
  const settled = { ...choices, [other]: { ...choices[other], ...RESIZED } };
  return { choices: settled, scale: nearestFactor(commonFactors(settled, latent, models, scale), scale) };
}

/** After each pass: of the latent, or of the picture where that is what is enlarged. */
function keepsWhole({ family, dims }: Latent, { method }: Choice, step: Scale, passes: number): boolean {
  const unit = method === 'pixels' ? FAMILIES[family].stride : 1;
  return [dims[1], dims[2]].every((side) =>
    Array.from({ length: passes }, (_, i) => side * unit * step ** (i + 1)).every(isWhole),
  );
}
