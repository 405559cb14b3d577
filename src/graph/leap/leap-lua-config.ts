import { readLuaEnds } from '../lua/lua-config';
import { readSwinShape } from '../lua/swin-shape';
import { readLeapMetadata, WeightsTable } from '../onnx/weights-table';
import type { LeapLuaConfig, WeightsFile } from '../types';
import { readClamp, TONE_KEY } from './leap-config';

/** What our files say where they have no metadata: as LeapLuaConfig in training/leap/networks/leap_lua.py. */
const DEFAULT_ENDS = { skip: 'bicubic', residual_bound: 4 } as const;

/** Whether the tensors are those of our own LUA. */
export function isLeapLua(table: WeightsTable): boolean {
  return table.has('conv_first.weight') && table.has('stem.0.conv0.weight');
}

/**
 * The configuration of our own LUA: counts and widths from names and shapes; clamp, skip and bound of the residual
 * from the metadata.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function readLeapLuaConfig(files: WeightsFile[]): LeapLuaConfig {
  const table = new WeightsTable(files);
  const metadata = readLeapMetadata(table, 'lua');
  const scales = [2, 4].filter((scale) => table.has(`heads.x${scale}.blocks.0.conv0.weight`));
  const head = `heads.x${scales[0] ?? 2}.`;
  return {
    layout: 'leap',
    in_chans: table.get('conv_first.weight').shape[1]!,
    ...readSwinShape(table),
    stem: table.count('stem.', '.conv0.weight'),
    middle: table.count('middle.', '.conv0.weight'),
    tail: table.count(`${head}blocks.`, '.conv0.weight'),
    scales,
    clamp: readClamp(metadata),
    toned: table.has(TONE_KEY),
    ...(metadata ? readLuaEnds(metadata) : DEFAULT_ENDS),
  };
}
