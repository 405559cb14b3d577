import { LeapError } from '../../errors';
import type { WeightsTable } from '../onnx/weights-table';

/** What names and shapes say about the Swin groups `layers.i`. */
export interface SwinShape {
  depths: number[];
  heads: number[];
  window_size: number;
}

/** @throws LeapError `bad-weights` where the tensors are not those of Swin groups */
export function readSwinShape(table: WeightsTable): SwinShape {
  const groups = Array.from(
    { length: Math.max(1, table.count('layers.', '.conv.weight')) },
    (_, i) => `layers.${i}.residual_group.blocks.`,
  );
  const tables = groups.map((group) => table.get(`${group}0.attn.relative_position_bias_table`).shape);
  const [positions = 0] = tables[0]!;
  const window = (Math.sqrt(positions) + 1) / 2;
  if (!Number.isInteger(window)) {
    throw new LeapError('bad-weights', `A bias table of ${positions} rows does not fit a square window.`, {
      positions,
    });
  }
  return {
    depths: groups.map((group) => table.count(group, '.norm1.weight')),
    heads: tables.map(([, heads = 0]) => heads),
    window_size: window,
  };
}
