import { LeapError } from '../../errors';
import { readLeapMetadata, WeightsTable } from '../onnx/weights-table';
import type { LuaConfig, WeightsFile } from '../types';

/** A weights file may hold the state dict under a name: the averaged weights are preferred. */
const STATE_DICT_PREFIXES = ['', 'params_ema.', 'params.', 'state_dict.', 'module.'];

/** What the names of a LUA's tensors begin with; undefined when this is no LUA. */
export function luaPrefix(table: WeightsTable): string | undefined {
  return STATE_DICT_PREFIXES.find((candidate) => table.has(`${candidate}conv_first.weight`));
}

/** The tensors of a LUA under their plain names. @throws LeapError `bad-weights` when this is no LUA */
export function luaTable(files: WeightsFile[]): WeightsTable {
  const table = new WeightsTable(files);
  const prefix = luaPrefix(table);
  if (prefix === undefined) {
    throw new LeapError('bad-weights', 'These weights are no LUA: the tensor conv_first.weight is missing.', {
      tensor: 'conv_first.weight',
    });
  }
  return prefix === '' ? table : table.under(prefix);
}

/**
 * The configuration of a LUA: from the metadata of our own files, else from the names and shapes of the tensors.
 *
 * Names and shapes do not tell a bicubic skip nor a bound of the residual: files without metadata have none.
 *
 * @throws LeapError `bad-weights` when the tensors are of no known layout
 */
export function readLuaConfig(files: WeightsFile[]): LuaConfig {
  const table = luaTable(files);
  const metadata = readLeapMetadata(table, 'lua');
  const inferred = inferLuaConfig(table);
  if (!metadata) return inferred;
  const { skip, residual_bound: bound } = metadata;
  if (
    (skip !== 'none' && skip !== 'bicubic') ||
    !(bound === null || (typeof bound === 'number' && bound > 0))
  ) {
    throw new LeapError('bad-weights', 'The latent_leap metadata has no valid skip and residual_bound.', {
      metadata,
    });
  }
  return { ...inferred, skip, residual_bound: bound };
}

function inferLuaConfig(table: WeightsTable): LuaConfig {
  const [embed = 0, channels = 0] = table.get('conv_first.weight').shape;
  const groups = Array.from(
    { length: table.count('layers.', '.conv.weight') },
    (_, i) => `layers.${i}.residual_group.blocks.`,
  );
  const firstBlock = `${groups[0] ?? 'layers.0.residual_group.blocks.'}0.`;
  const [positions = 0] = table.get(`${firstBlock}attn.relative_position_bias_table`).shape;
  const window = (Math.sqrt(positions) + 1) / 2;
  if (!Number.isInteger(window)) {
    throw new LeapError('bad-weights', `A bias table of ${positions} rows fits no square window.`, {
      positions,
    });
  }
  return {
    in_chans: channels,
    embed_dim: embed,
    depths: groups.map((group) => table.count(group, '.norm1.weight')),
    num_heads: groups.map((group) => table.get(`${group}0.attn.relative_position_bias_table`).shape[1]!),
    window_size: window,
    mlp_ratio: table.get(`${firstBlock}mlp.fc1.weight`).shape[0]! / embed,
    skip: 'none',
    residual_bound: null,
    ...inferHead(table, channels),
  };
}

type HeadConfig = Pick<LuaConfig, 'upsampler' | 'scales' | 'head_width' | 'refine'>;

function inferHead(table: WeightsTable, channels: number): HeadConfig {
  const named = table.names.flatMap(
    (name) => /^heads\.x(\d+)\.conv_before\.0\.weight$/.exec(name)?.[1] ?? [],
  );
  if (named.length > 0) {
    const scales = named.map(Number).sort((a, b) => a - b);
    const head = `heads.x${scales[0]}.`;
    return {
      upsampler: 'multihead',
      scales,
      head_width: table.get(`${head}conv_before.0.weight`).shape[0]!,
      refine: table.count(`${head}refine.0.`, '.conv1.weight'),
    };
  }
  const [outputs = 0, width = 0] = table.get('upsample.0.weight').shape;
  if (table.has('conv_before_upsample.0.weight')) {
    const scale = table.has('upsample.2.weight') ? 4 : Math.sqrt(outputs / width);
    return { upsampler: 'pixelshuffle', scales: [scale], head_width: width, refine: 0 };
  }
  const scale = Math.sqrt(outputs / channels);
  return { upsampler: 'pixelshuffledirect', scales: [scale], head_width: width, refine: 0 };
}
