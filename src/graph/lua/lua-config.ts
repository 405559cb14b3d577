import { LeapError } from '../../errors';
import { readLeapMetadata, WeightsTable } from '../onnx/weights-table';
import type { LuaConfig, LuaEnds, WeightsFile } from '../types';
import { readSwinShape } from './swin-shape';

/** A weights file may hold the state dict under a name: the averaged weights are preferred. */
const STATE_DICT_PREFIXES = ['', 'params_ema.', 'params.', 'state_dict.', 'module.'];

/** What the names of a LUA's tensors begin with; undefined when this is not a LUA. */
export function luaPrefix(table: WeightsTable): string | undefined {
  return STATE_DICT_PREFIXES.find((candidate) => table.has(`${candidate}conv_first.weight`));
}

/** The tensors of a LUA under their plain names. @throws LeapError `bad-weights` when this is not a LUA */
export function luaTable(files: WeightsFile[]): WeightsTable {
  const table = new WeightsTable(files);
  const prefix = luaPrefix(table);
  if (prefix === undefined) {
    throw new LeapError(
      'bad-weights',
      'These weights are not a LUA: the tensor conv_first.weight is missing.',
      {
        tensor: 'conv_first.weight',
      },
    );
  }
  return prefix === '' ? table : table.under(prefix);
}

/**
 * The configuration of a LUA: from the metadata of our own files, else from the names and shapes of the tensors.
 *
 * Names and shapes do not tell a bicubic skip nor a bound of the residual: files without metadata have none.
 *
 * @throws LeapError `bad-weights` when the tensors are not of a known layout
 */
export function readLuaConfig(files: WeightsFile[]): LuaConfig {
  const table = luaTable(files);
  const metadata = readLeapMetadata(table, 'lua');
  const inferred = inferLuaConfig(table);
  if (!metadata) return inferred;
  return { ...inferred, ...readLuaEnds(metadata) };
}

/** The skip and the bound of the residual, which names and shapes do not tell. @throws LeapError `bad-weights` */
export function readLuaEnds(metadata: Record<string, unknown>): LuaEnds {
  const { skip, residual_bound: bound } = metadata;
  if (
    (skip === 'none' || skip === 'bicubic') &&
    (bound === null || (typeof bound === 'number' && bound > 0))
  ) {
    return { skip, residual_bound: bound };
  }
  throw new LeapError('bad-weights', 'The latent_leap metadata has no valid skip and residual_bound.', {
    metadata,
  });
}

function inferLuaConfig(table: WeightsTable): LuaConfig {
  const [embed = 0, channels = 0] = table.get('conv_first.weight').shape;
  const { depths, heads, window_size } = readSwinShape(table);
  const hidden = table.get('layers.0.residual_group.blocks.0.mlp.fc1.weight').shape[0]!;
  return {
    in_chans: channels,
    embed_dim: embed,
    depths,
    num_heads: heads,
    window_size,
    mlp_ratio: hidden / embed,
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
