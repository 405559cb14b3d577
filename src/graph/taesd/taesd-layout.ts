import { LeapError } from '../../errors';
import { WeightsTable } from '../onnx/weights-table';
import type { WeightsFile } from '../types';

export type TaesdPart = 'encoder' | 'decoder';

/** Indices of the residual blocks in the original nn.Sequential; 0 of the decoder is the clamp. */
const BLOCKS: Record<TaesdPart, number[]> = {
  encoder: [1, 3, 4, 5, 7, 8, 9, 11, 12, 13],
  decoder: [3, 4, 5, 8, 9, 10, 13, 14, 15, 18],
};

/** Indices of all layers with weights. */
export const TAESD_LAYERS: Record<TaesdPart, number[]> = {
  encoder: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  decoder: [1, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19],
};

const LAYER_TENSORS = /^(weight|bias)$/;
const BLOCK_TENSORS = /^(conv\.[024]|skip|pool\.[013])\.(weight|bias)$/;

/** Where the layers of a tiny autoencoder are found in its weights. */
export interface TaesdLayout {
  table: WeightsTable;
  /** What the names in the file begin with before those of the table. */
  prefix: string;
  /** Key prefix of the layer with the original index `i`. */
  layer: (i: number) => string;
}

/**
 * Recognises the key layouts of TAESD: plain Sequential indices (`3.conv.0.weight`), the same under any prefix
 * (`decoder.3.conv.0.weight`), and diffusers' (`decoder.layers.2.conv.0.weight`), whose decoder counts from one
 * lower because its clamp is not a layer.
 *
 * @throws LeapError `bad-weights` when the tensors are none of these
 */
export function findTaesdLayout(files: WeightsFile[], part: TaesdPart): TaesdLayout {
  const table = new WeightsTable(files);
  const [layout] = listTaesdLayouts(table, part);
  if (layout) return layout;
  throw new LeapError('bad-weights', `These weights have no tiny ${part} in a TAESD layout.`, {
    tensors: table.names.slice(0, 8),
  });
}

/** All that a file has of this part: a checkpoint may hold several, such as an averaged one beside it. */
export function listTaesdLayouts(table: WeightsTable, part: TaesdPart): TaesdLayout[] {
  const found: TaesdLayout[] = [];
  for (const [prefix, indices] of blocksByPrefix(table)) {
    for (const offset of part === 'decoder' ? [0, -1] : [0]) {
      const expected = BLOCKS[part].map((i) => i + offset);
      if (indices.length !== expected.length || indices.some((index, k) => index !== expected[k])) continue;
      found.push({ table: table.under(prefix), prefix, layer: (i) => `${i + offset}` });
    }
  }
  return found;
}

/**
 * A tensor of the part that its graph would leave out; undefined where there is none. Beside the layers of a file without
 * a prefix there may be anything else.
 */
export function findUnusedTensor({ table, prefix, layer }: TaesdLayout, part: TaesdPart): string | undefined {
  const blocks = new Set(BLOCKS[part].map(layer));
  const layers = new Set(TAESD_LAYERS[part].map(layer));
  return table.names.find((name) => {
    const [, index, rest] = /^(\d+)\.(.*)$/.exec(name) ?? [];
    if (index === undefined || rest === undefined) return prefix !== '';
    const known = blocks.has(index) ? BLOCK_TENSORS : layers.has(index) ? LAYER_TENSORS : undefined;
    return !known?.test(rest);
  });
}

/** Sorted indices of the residual blocks, for each key prefix under which there are any. */
function blocksByPrefix(table: WeightsTable): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of table.names) {
    const match = /^(|.*\.)(\d+)\.conv\.0\.weight$/.exec(name);
    if (!match) continue;
    const prefix = match[1]!;
    // Pushed, not spread: a file may number ten thousands of blocks.
    const indices = found.get(prefix) ?? [];
    indices.push(Number(match[2]));
    found.set(prefix, indices);
  }
  for (const indices of found.values()) indices.sort((a, b) => a - b);
  return found;
}

/** Whether the part has FLUX.2's pooled blocks, whose statistics are those of the whole picture. */
export function hasPooledBlocks({ table }: TaesdLayout): boolean {
  return table.names.some((name) => /^\d+\.pool\.0\.weight$/.test(name));
}
