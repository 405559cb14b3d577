import { isLeapLua, readLeapLuaConfig } from '../leap/leap-lua-config';
import { WeightsTable } from '../onnx/weights-table';
import type { WeightsFile } from '../types';
import { type FoundModel, refuse } from './recognised-model';

/** Recognises our own LUA. */
export function recogniseLeapLua(file: WeightsFile): FoundModel | undefined {
  if (!isLeapLua(new WeightsTable([file]))) return undefined;
  const { in_chans: channels, scales } = readLeapLuaConfig([file]);
  if (scales.length === 0) throw refuse('holds a LUA of this project without a head for x2 or x4');
  return {
    channels,
    space: 'model',
    scales,
    keep: ['tone.', 'conv_first.', 'stem.', 'layers.', 'up.', 'middle.', 'heads.'],
  };
}
