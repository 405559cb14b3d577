import type { Space } from '../../latent/types';
import { isLeapLua } from '../leap/leap-lua-config';
import { luaPrefix, luaTable, readLuaConfig } from '../lua/lua-config';
import { WeightsTable } from '../onnx/weights-table';
import type { WeightsFile } from '../types';
import { attempt, type FoundModel, refuse } from './recognised-model';

/** Every tensor of a LUA or SwinIR; a transformer with more (Swin2SR, HAT) would be computed wrongly. */
const KNOWN_TENSORS = [
  /^(conv_first|conv_after_body|conv_last|conv_before_upsample\.0|upsample\.[02])\.(weight|bias)$/,
  /^(norm|patch_embed\.norm)\.(weight|bias)$/,
  /^layers\.\d+\.conv\.(weight|bias)$/,
  /^layers\.\d+\.residual_group\.blocks\.\d+\.(norm[12]|attn\.(qkv|proj)|mlp\.fc[12])\.(weight|bias)$/,
  /^layers\.\d+\.residual_group\.blocks\.\d+\.(attn_mask|attn\.relative_position_(bias_table|index))$/,
  /^heads\.x\d+\.(conv_before\.0|upsample\.[02]|refine\.\d\.\d+\.conv[12]|conv_last)\.(weight|bias)$/,
  // The training code's mean of pictures, counters, and what aligns the tensors of our own files.
  /^(mean|num_batches_tracked|__pad__\.\d+)$/,
];
const PARTS = [
  'conv_first.',
  'patch_embed.',
  'layers.',
  'norm.',
  'conv_after_body.',
  'conv_before_upsample.',
  'upsample.',
  'heads.',
  'conv_last.',
];
/** The factors that latents are enlarged by here. */
const SCALES = [2, 4];

/** A LUA of any layout but our own, or a plain SwinIR with a pixel-shuffle head. */
export function recogniseLua(file: WeightsFile): FoundModel | undefined {
  const prefix = luaPrefix(new WeightsTable([file]));
  const table = prefix === undefined ? undefined : luaTable([file]);
  // ESRGAN and its kin begin with a conv_first too.
  if (!table?.has('layers.0.residual_group.blocks.0.attn.qkv.weight') || isLeapLua(table)) return undefined;
  const odd = table.names.find((name) => !KNOWN_TENSORS.some((pattern) => pattern.test(name)));
  if (odd !== undefined) {
    throw refuse(`holds a Swin transformer with a tensor that is not known here: ${odd}`);
  }
  const config = attempt(() => readLuaConfig([file]));
  if (!config) throw refuse('holds a Swin transformer without a head that enlarges by pixel-shuffle');
  const scales = config.scales.filter((scale) => SCALES.includes(scale));
  if (scales.length === 0) {
    throw refuse(`holds a LUA for x${config.scales.join(', x')}; x2 and x4 are used here`);
  }
  const keep = PARTS.filter((part) => table.names.some((name) => name.startsWith(part)));
  return {
    channels: config.in_chans,
    space: spaceOf(file),
    scales,
    keep: keep.map((part) => `${prefix}${part}`),
  };
}

/** The space that a file of ours names; the authors' LUA and all that their code trains take decoder space. */
function spaceOf({ header }: WeightsFile): Space {
  return /"space":\s*"model"/.test(header.metadata.latent_leap ?? '') ? 'model' : 'decoder';
}
