import type { ModelStatus, PixelFilter, Scale } from '../../client';
import { METHOD_LABELS } from '../../element/latent/method-labels';
import { nameModel } from '../../element/latent/name-model';
import { joinWords } from '../../join-words';
import type { Choice } from '../state/choice';
import { factorsOf, passesFor } from '../state/choosing/factors';
import type { Item } from '../state/item';
import type { ModelShelf } from '../state/model-shelf';
import { formatFactor } from '../text/format';
import { FILTER_NAMES, nameEnlarged, namePasses } from '../text/name-sides';

/** The part of a choice that says what enlarges. */
type Enlarging = Pick<Choice, 'method' | 'lua' | 'enlarger'>;

/** One that a side can enlarge with. */
export interface UpscalerOption {
  label: string;
  enlarging: Enlarging;
  /** Where it enlarges; for a model, what is known of it. */
  about: ModelStatus | string;
  /** What it does at the item's factor, or which factors it has instead; empty where there is nothing to say. */
  note: string;
  /** It has factors for a latent of this size. */
  possible: boolean;
}

/** Decoders were not made for latents between two positions; the model card has its numbers. */
const OF_BICUBIC = 'for comparison, as decoders make a mesh of it';

const FILTERS = Object.keys(FILTER_NAMES) as PixelFilter[];

/** Everything that enlarges latents of the item's family, or the picture that is decoded from them. */
export function listUpscalers(item: Item, shelf: ModelShelf): UpscalerOption[] {
  const { latent, scale } = item;
  if (!latent) return [];
  const { family } = latent;
  const option = (label: string, enlarging: Enlarging, about: ModelStatus | string): UpscalerOption => {
    const choice = { ...enlarging, decoder: undefined };
    const factors = factorsOf(choice, latent, shelf);
    const passes = passesFor(choice, family, scale, shelf);
    return {
      label,
      enlarging,
      about,
      note: describeFactors(factors, scale, passes),
      possible: factors.length > 0,
    };
  };
  const bicubic = option(METHOD_LABELS.bicubic, inLatentSpace('bicubic'), 'in latent space');
  return [
    { ...bicubic, note: bicubic.note || OF_BICUBIC },
    ...shelf.fitting(family, 'lua').map((model) => {
      return option(nameModel(model), inLatentSpace('lua', model.embedded ? undefined : model.id), model);
    }),
    ...FILTERS.map((filter) => option(nameEnlarged(FILTER_NAMES[filter]), inPixels(filter), 'in pixels')),
    ...shelf.fitting(family, 'enlarger').map((model) => {
      return option(nameEnlarged(nameModel(model)), inPixels(model.id), model);
    }),
  ];
}

function inLatentSpace(method: 'bicubic' | 'lua', lua?: string): Enlarging {
  return { method, lua, enlarger: undefined };
}

function inPixels(enlarger: string): Enlarging {
  return { method: 'pixels', lua: undefined, enlarger };
}

function describeFactors(factors: readonly Scale[], scale: Scale, passes: 1 | 2 | undefined): string {
  if (!factors.length) return 'has no factor that keeps the sides of this latent whole';
  if (!factors.includes(scale)) return `makes ${joinWords(factors.map(formatFactor))}`;
  return passes === 2 ? namePasses(scale) : '';
}
