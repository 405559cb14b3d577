import { WeightsTable } from '../onnx/weights-table';
import { findUnusedTensor, listTaesdLayouts, TAESD_LAYERS, type TaesdPart } from '../taesd/taesd-layout';
import type { WeightsFile } from '../types';
import { type FoundModel, refuse, takeOnly } from './recognised-model';

/** The decoder or the encoder of a tiny autoencoder, if the file has it. */
export function recogniseTaesd(file: WeightsFile, part: TaesdPart): FoundModel | undefined {
  const layouts = listTaesdLayouts(new WeightsTable([file]), part);
  const layout = takeOnly(layouts, `tiny ${part}s`);
  if (!layout) return undefined;
  const unused = findUnusedTensor(layout, part);
  if (unused !== undefined)
    throw refuse(`holds a tiny ${part} with a layer that is not known here: ${layout.prefix}${unused}`);
  const { table, prefix, layer } = layout;
  const inner = part === 'decoder' ? `${layer(1)}.weight` : `${layer(14)}.weight`;
  if (!table.has(inner)) throw refuse(`lacks ${prefix}${inner} of a tiny ${part}`);
  return {
    channels: table.get(inner).shape[part === 'decoder' ? 1 : 0]!,
    space: 'model',
    keep: prefix === '' ? TAESD_LAYERS[part].map((i) => `${layer(i)}.`) : [prefix],
  };
}
