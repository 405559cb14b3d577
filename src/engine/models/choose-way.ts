import type { FamilyId } from '../../latent/types';
import type { Catalog, CatalogEntry } from '../../weights/types';
import type { PixelFilter, WayOptions } from '../types';
import { chooseModel } from './choose-model';

/** Which models an enlargement is made with. */
export interface ChosenWay {
  decoder: CatalogEntry;
  /** In latent space. */
  upscaler: CatalogEntry | undefined;
  /** Of the decoded picture. */
  enlarger: PixelFilter | CatalogEntry | undefined;
  /** The factor of each pass. */
  step: number;
}

/** What decides it. */
export type WayWish = Pick<WayOptions, 'scale' | 'method' | 'passes' | 'decoder' | 'lua' | 'enlarger'>;

/**
 * Those that the options ask for. Nothing is fetched: a missing model should not cost a download.
 * @throws LeapError `no-model`
 */
export function chooseWay(catalog: Catalog, family: FamilyId, options: WayWish): ChosenWay {
  const { method, scale, passes = 1, decoder, lua, enlarger } = options;
  const step = scale ** (1 / passes);
  const enlarges = (by: WayWish['method']) => scale > 1 && method === by;
  return {
    decoder: chooseModel(catalog, 'decoder', family, { id: decoder }),
    upscaler: enlarges('lua') ? chooseModel(catalog, 'lua', family, { id: lua, scale: step }) : undefined,
    enlarger: enlarges('pixels') ? chooseEnlarger(catalog, family, scale, enlarger) : undefined,
    step,
  };
}

/** A filter by its name, or a pixel upscaler of the catalogue. @throws LeapError `no-model` */
function chooseEnlarger(
  catalog: Catalog,
  family: FamilyId,
  scale: number,
  name: WayWish['enlarger'] = 'lanczos',
): PixelFilter | CatalogEntry {
  if (isFilter(name)) return name;
  return chooseModel(catalog, 'enlarger', family, { id: name, scale });
}

function isFilter(name: string): name is PixelFilter {
  return name === 'bicubic' || name === 'lanczos';
}
