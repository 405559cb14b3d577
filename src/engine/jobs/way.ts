import { defined } from '../../defined';
import { FAMILIES } from '../../latent';
import type { FamilyId, Latent } from '../../latent/types';
import { chooseWay } from '../models/choose-way';
import type { LoadedModel } from '../models/load-model';
import type { LoadedModels } from '../models/loaded-models';
import { decoderNetwork, enlargerNetwork, filterNetwork, upscalerNetwork } from '../models/networks';
import type { Network } from '../network';
import type { PixelFilter, WayOptions } from '../types';

/** The networks that take a latent to its large picture, and the models that they are made of. */
export interface Way {
  /** In latent space, one after the other; none where the latent is decoded as it is. */
  upscalers: Network[];
  decoder: Network;
  /** Enlarges the decoded picture. */
  enlarger: Network | undefined;
  /** Catalogue ids. */
  models: { lua?: string; decoder: string; enlarger?: string };
}

const RGB = 3;

/**
 * Chooses and loads what the options ask for.
 * @throws LeapError `no-model`, and those of the weights source
 */
export async function openWay(
  models: LoadedModels,
  { family }: Pick<Latent, 'family'>,
  options: WayOptions,
): Promise<Way> {
  const { decoder, upscaler, enlarger, step } = chooseWay(models.catalog, family, options);
  const entries = [decoder, upscaler, enlarger].filter((entry) => typeof entry === 'object');
  const loaded = new Map((await models.loadAll(entries, options)).map((model) => [model.entry.id, model]));
  const enlargement = typeof enlarger === 'object' ? loaded.get(enlarger.id) : enlarger;
  return {
    upscalers: upscalersOf(upscaler && loaded.get(upscaler.id), family, options, step),
    decoder: decoderNetwork(loaded.get(decoder.id)!, family),
    enlarger: enlargement && enlargerOf(enlargement, options.scale),
    models: defined({
      decoder: decoder.id,
      lua: upscaler?.id,
      enlarger: typeof enlarger === 'object' ? enlarger.id : enlarger,
    }),
  };
}

function upscalersOf(
  upscaler: LoadedModel | undefined,
  family: FamilyId,
  { method, scale, passes = 1 }: WayOptions,
  step: number,
): Network[] {
  if (upscaler) return Array(passes).fill(upscalerNetwork(upscaler, family, step));
  if (method !== 'bicubic' || scale === 1) return [];
  return [filterNetwork('bicubic', FAMILIES[family].channels, scale)];
}

function enlargerOf(enlarger: PixelFilter | LoadedModel, scale: number): Network {
  if (typeof enlarger === 'object') return enlargerNetwork(enlarger, scale);
  return filterNetwork(enlarger, RGB, scale);
}
