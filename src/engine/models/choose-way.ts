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
  const { method, scale, passes = 1, decoder, lua, enlarger = 'lanczos' } = options;
  const step = scale ** (1 / passes);
  const choose = (kind: 'lua' | 'enlarger', id: string | undefined, factor: number) =>
    chooseModel(catalog, kind, family, { id, scale: factor });
  return {
    decoder: chooseModel(catalog, 'decoder', family, { id: decoder }),
    upscaler: scale > 1 && method === 'lua' ? choose('lua', lua, step) : undefined,
    enlarger:
      scale > 1 && method === 'pixels'
        ? isFilter(enlarger)
          ? enlarger
          : choose('enlarger', enlarger, scale)
        : undefined,
    step,
  };
}

function isFilter(name: string): name is PixelFilter {
  return name === 'bicubic' || name === 'lanczos';
}
