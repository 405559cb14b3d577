import type { LeapDecoderConfig, LeapEncoderConfig, LuaConfig } from '../../graph/types';

/** Names and shapes of the tensors of each layout, for tests that make weights of their own. */
export type Shapes = Record<string, number[]>;

/** A small LUA in the authors' layout, for tests that look at names and shapes. */
export const SMALL_LUA: LuaConfig = {
  in_chans: 16,
  embed_dim: 24,
  depths: [2, 2],
  num_heads: [2, 2],
  window_size: 8,
  mlp_ratio: 2,
  head_width: 16,
  scales: [2, 4],
  upsampler: 'multihead',
  skip: 'none',
  refine: 0,
  residual_bound: null,
};

const six = (value: number): number[] => Array(6).fill(value);

/** The configuration of the checkpoint that LUA's authors released. */
export const RELEASED_LUA: LuaConfig = {
  ...SMALL_LUA,
  embed_dim: 360,
  depths: six(6),
  num_heads: six(12),
  window_size: 16,
  head_width: 256,
};

export function luaShapes(config: LuaConfig): Shapes {
  const { in_chans: channels, embed_dim: e } = config;
  const shapes: Shapes = {};
  addConv(shapes, 'conv_first', e, channels, 3);
  addVectors(shapes, 'patch_embed.norm', e);
  addSwinGroups(shapes, { ...config, width: e, heads: config.num_heads });
  addVectors(shapes, 'norm', e);
  addConv(shapes, 'conv_after_body', e, e, 3);
  addHeads(shapes, config);
  return shapes;
}

/** The fields of our own LUA's metadata that give its shape; `groups` of two blocks each. */
export interface LeapLuaShape {
  in_chans: number;
  widths: [number, number, number];
  stem: number;
  groups: number;
  heads: number;
  window_size: number;
  mlp_ratio: number;
  middle: number;
  tail: number;
  toned?: boolean;
}

export function leapLuaShapes(shape: LeapLuaShape): Shapes {
  const { in_chans: channels, widths, stem, groups, heads, middle, tail, toned = false } = shape;
  const [low, double, fourfold] = widths;
  const shapes: Shapes = {};
  if (toned) addTone(shapes, channels);
  addConv(shapes, 'conv_first', low, channels, 3);
  addBlocks(shapes, 'stem', low, stem);
  const swin = { depths: Array(groups).fill(2), heads: Array(groups).fill(heads), width: low };
  addSwinGroups(shapes, { ...shape, ...swin });
  addConv(shapes, 'up', 4 * double, low, 1);
  addBlocks(shapes, 'middle', double, middle);
  addConv(shapes, 'heads.x4.up', 4 * fourfold, double, 1);
  for (const [scale, width] of [
    ['x2', double],
    ['x4', fourfold],
  ] as const) {
    addBlocks(shapes, `heads.${scale}.blocks`, width, tail);
    addConv(shapes, `heads.${scale}.conv_last`, channels, width, 3);
  }
  return shapes;
}

export function addSwinGroups(
  shapes: Shapes,
  options: { width: number; depths: number[]; heads: number[]; window_size: number; mlp_ratio: number },
): void {
  const { width: e, depths, heads, window_size: window, mlp_ratio: ratio } = options;
  depths.forEach((depth, i) => {
    for (let j = 0; j < depth; j++) {
      const block = `layers.${i}.residual_group.blocks.${j}`;
      addVectors(shapes, `${block}.norm1`, e);
      shapes[`${block}.attn.relative_position_bias_table`] = [(2 * window - 1) ** 2, heads[i]!];
      addLinear(shapes, `${block}.attn.qkv`, 3 * e, e);
      addLinear(shapes, `${block}.attn.proj`, e, e);
      addVectors(shapes, `${block}.norm2`, e);
      addLinear(shapes, `${block}.mlp.fc1`, e * ratio, e);
      addLinear(shapes, `${block}.mlp.fc2`, e, e * ratio);
    }
    addConv(shapes, `layers.${i}.conv`, e, e, 3);
  });
}

function addHeads(shapes: Shapes, config: LuaConfig): void {
  const { in_chans: channels, embed_dim: e, head_width: w } = config;
  if (config.upsampler === 'pixelshuffledirect') {
    addConv(shapes, 'upsample.0', channels * config.scales[0]! ** 2, e, 3);
    return;
  }
  for (const scale of config.scales) {
    const multihead = config.upsampler === 'multihead';
    const head = multihead ? `heads.x${scale}.` : '';
    addConv(shapes, `${head}${multihead ? 'conv_before' : 'conv_before_upsample'}.0`, w, e, 3);
    const factor = scale === 3 ? 3 : 2;
    for (let level = 0; factor ** level < scale; level++) {
      addConv(shapes, `${head}upsample.${2 * level}`, factor ** 2 * w, w, 3);
      for (let block = 0; block < config.refine; block++) {
        for (const name of ['conv1', 'conv2'])
          addConv(shapes, `${head}refine.${level}.${block}.${name}`, w, w, 3);
      }
    }
    addConv(shapes, `${head}conv_last`, channels, w, 3);
  }
}

/** TAESD with the plain Sequential indices. */
export function taesdShapes(part: 'encoder' | 'decoder', channels: number, pooled: boolean): Shapes {
  const shapes: Shapes = {};
  const block = (i: number, withPool: boolean): void => {
    for (const layer of [0, 2, 4]) addConv(shapes, `${i}.conv.${layer}`, 64, 64, 3);
    if (!withPool) return;
    shapes[`${i}.pool.0.weight`] = [256, 64, 1, 1];
    addVectors(shapes, `${i}.pool.1`, 256);
    shapes[`${i}.pool.3.weight`] = [64, 256, 1, 1];
  };
  const plain = (i: number): void => {
    shapes[`${i}.weight`] = [64, 64, 3, 3];
  };
  if (part === 'decoder') {
    addConv(shapes, '1', 64, channels, 3);
    for (const i of [3, 4, 5]) block(i, pooled);
    for (const i of [8, 9, 10, 13, 14, 15, 18]) block(i, false);
    [7, 12, 17].forEach(plain);
    addConv(shapes, '19', 3, 64, 3);
  } else {
    addConv(shapes, '0', 64, 3, 3);
    for (const i of [1, 3, 4, 5, 7, 8, 9]) block(i, false);
    for (const i of [11, 12, 13]) block(i, pooled);
    [2, 6, 10].forEach(plain);
    addConv(shapes, '14', channels, 64, 3);
  }
  return shapes;
}

/** Width of the layer between a tone's statistics and what it makes of them. */
const TONE_WIDTH = 64;

/** A decoder's shape; a tiny one without a tone where nothing is said. */
export type DecoderShape = { channels: number } & Partial<
  Pick<LeapDecoderConfig, 'widths' | 'blocks' | 'toned'>
>;

type EncoderShape = Omit<LeapEncoderConfig, 'kind' | 'toned'> & { toned?: boolean };

export function leapDecoderShapes(shape: DecoderShape): Shapes {
  const { channels, widths = [8, 8, 8], blocks = [1, 1, 1], toned = false } = shape;
  const shapes: Shapes = {};
  if (toned) addTone(shapes, channels);
  addConv(shapes, 'conv_in', widths[0]!, channels, 3);
  addStages(shapes, widths, blocks);
  for (const s of [0, 1]) addConv(shapes, `up.${s}`, 4 * widths[s + 1]!, widths[s]!, 1);
  addConv(shapes, 'conv_out', 12, widths[2]!, 3);
  return shapes;
}

export function leapEncoderShapes({ channels, widths, blocks, toned }: EncoderShape): Shapes {
  const shapes: Shapes = {};
  if (toned) addTone(shapes, channels);
  addConv(shapes, 'conv_in', widths[0]!, 3, 6);
  addStages(shapes, widths, blocks);
  for (const s of [0, 1]) addConv(shapes, `down.${s}`, widths[s + 1]!, widths[s]!, 2);
  addConv(shapes, 'conv_out', channels, widths[2]!, 3);
  return shapes;
}

function addTone(shapes: Shapes, channels: number): void {
  addLinear(shapes, 'tone.fc0', TONE_WIDTH, 2 * channels);
  addLinear(shapes, 'tone.fc1', 2 * channels, TONE_WIDTH);
}

function addStages(shapes: Shapes, widths: number[], blocks: number[]): void {
  blocks.forEach((count, s) => {
    addBlocks(shapes, `stages.${s}.blocks`, widths[s]!, count);
  });
}

function addBlocks(shapes: Shapes, key: string, width: number, count: number): void {
  for (let i = 0; i < count; i++) {
    for (const k of [0, 1, 2]) addConv(shapes, `${key}.${i}.conv${k}`, width, width, 3);
  }
}

export function addConv(shapes: Shapes, key: string, outputs: number, inputs: number, k: number): void {
  shapes[`${key}.weight`] = [outputs, inputs, k, k];
  shapes[`${key}.bias`] = [outputs];
}

export function addLinear(shapes: Shapes, key: string, outputs: number, inputs: number): void {
  shapes[`${key}.weight`] = [outputs, inputs];
  shapes[`${key}.bias`] = [outputs];
}

export function addVectors(shapes: Shapes, key: string, size: number): void {
  shapes[`${key}.weight`] = [size];
  shapes[`${key}.bias`] = [size];
}
