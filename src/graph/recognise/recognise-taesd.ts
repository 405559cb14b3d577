import { findTaesdLayout, TAESD_LAYERS, type TaesdPart } from '../taesd/taesd-layout';
import type { WeightsFile } from '../types';
import { attempt, type FoundModel, refuse } from './recognised-model';

/** The decoder or the encoder of a tiny autoencoder, if the file has it. */
export function recogniseTaesd(file: WeightsFile, part: TaesdPart): FoundModel | undefined {
  const layout = attempt(() => findTaesdLayout([file], part));
  if (!layout) return undefined;
  const { table, prefix, layer } = layout;
  const inner = part === 'decoder' ? `${layer(1)}.weight` : `${layer(14)}.weight`;
  if (!table.has(inner)) throw refuse(`lacks ${prefix}${inner} of a tiny ${part}`);
  return {
    channels: table.get(inner).shape[part === 'decoder' ? 1 : 0]!,
    space: 'model',
    keep: prefix === '' ? TAESD_LAYERS[part].map((i) => `${layer(i)}.`) : [prefix],
  };
}
