import { LeapError } from '../../errors';
import { WeightsTable } from '../onnx/weights-table';
import type { AttentionKeys } from '../steps/step-list';
import type { WeightsFile } from '../types';

export type KlPart = 'encoder' | 'decoder';

/**
 * Where the layers of a full autoencoder (AutoencoderKL) are in its weights. Levels count in the direction of the data:
 * level 0 of a decoder has the latent's resolution, level 0 of an encoder the picture's.
 */
export interface KlLayout {
  table: WeightsTable;
  /** The part of the names in the file that comes before the names of the table. */
  prefix: string;
  convIn: string;
  levels: { resnets: string[]; resample: string | undefined }[];
  midResnets: [string, string];
  /** Undefined in autoencoders without attention. */
  attention: AttentionKeys | undefined;
  /** Last part of a resnet's 1x1 convolution, where the width changes. */
  shortcut: string;
  normOut: string;
  convOut: string;
  /** The 1x1 convolution on the latent's side. */
  quantConv: string | undefined;
  /** FLUX.2's statistics of packed latents. */
  hasBatchNorm: boolean;
}

const PREFIXES = ['', 'vae.', 'first_stage_model.', 'state_dict.', 'state_dict.first_stage_model.'];
const ATTENTION_NAMES = [
  { norm: 'group_norm', query: 'to_q', key: 'to_k', value: 'to_v', out: 'to_out.0' },
  { norm: 'group_norm', query: 'query', key: 'key', value: 'value', out: 'proj_attn' },
  { norm: 'norm', query: 'q', key: 'k', value: 'v', out: 'proj_out' },
];

/**
 * Recognises diffusers' key layout and the original one (CompVis, BFL), alone or inside a checkpoint.
 *
 * @throws LeapError `bad-weights` when the tensors have neither layout
 */
export function findKlLayout(files: WeightsFile[], part: KlPart): KlLayout {
  const whole = new WeightsTable(files);
  const [layout] = listKlLayouts(whole, part);
  if (layout) return layout;
  throw new LeapError('bad-weights', `These weights have no full ${part} (AutoencoderKL).`, {
    tensors: whole.names.slice(0, 8),
  });
}

/** All that a file has of this part. */
export function listKlLayouts(whole: WeightsTable, part: KlPart): KlLayout[] {
  return PREFIXES.flatMap((prefix) => {
    const table = prefix === '' ? whole : whole.under(prefix);
    if (table.has(`${part}.mid_block.resnets.0.norm1.weight`))
      return [{ ...diffusersLayout(table, part), prefix }];
    if (table.has(`${part}.mid.block_1.norm1.weight`)) return [{ ...originalLayout(table, part), prefix }];
    return [];
  });
}

/** Names of all layers that a graph of this layout takes weights from. */
export function listKlLayers({
  convIn,
  convOut,
  normOut,
  quantConv,
  attention,
  ...rest
}: KlLayout): string[] {
  const { levels, midResnets, shortcut } = rest;
  const resnets = [...midResnets, ...levels.flatMap((level) => level.resnets)];
  const resamplings = levels.flatMap(({ resample }) => (resample ? [resample] : []));
  const ends = [convIn, convOut, normOut, ...(quantConv ? [quantConv] : [])];
  const parts = ['norm1', 'conv1', 'norm2', 'conv2', shortcut];
  return [
    ...ends,
    ...resamplings,
    ...Object.values(attention ?? {}),
    ...resnets.flatMap((resnet) => parts.map((part) => `${resnet}.${part}`)),
  ];
}

function diffusersLayout(table: WeightsTable, part: KlPart): Omit<KlLayout, 'prefix'> {
  const [blocks, resample] =
    part === 'decoder' ? ['up_blocks', 'upsamplers'] : ['down_blocks', 'downsamplers'];
  const count = table.count(`${part}.${blocks}.`, '.resnets.0.norm1.weight');
  return {
    ...commonLayout(table, part, `${part}.mid_block.attentions.0`),
    levels: Array.from({ length: count }, (_, i) =>
      readLevel(table, `${part}.${blocks}.${i}.resnets.`, `${part}.${blocks}.${i}.${resample}.0.conv`),
    ),
    midResnets: [`${part}.mid_block.resnets.0`, `${part}.mid_block.resnets.1`],
    shortcut: 'conv_shortcut',
    normOut: `${part}.conv_norm_out`,
  };
}

function originalLayout(table: WeightsTable, part: KlPart): Omit<KlLayout, 'prefix'> {
  const [blocks, resample] = part === 'decoder' ? ['up', 'upsample'] : ['down', 'downsample'];
  const count = table.count(`${part}.${blocks}.`, '.block.0.norm1.weight');
  const levels = Array.from({ length: count }, (_, i) =>
    readLevel(table, `${part}.${blocks}.${i}.block.`, `${part}.${blocks}.${i}.${resample}.conv`),
  );
  return {
    ...commonLayout(table, part, `${part}.mid.attn_1`),
    // The original counts a decoder's levels from the picture's side.
    levels: part === 'decoder' ? levels.reverse() : levels,
    midResnets: [`${part}.mid.block_1`, `${part}.mid.block_2`],
    shortcut: 'nin_shortcut',
    normOut: `${part}.norm_out`,
  };
}

function commonLayout(table: WeightsTable, part: KlPart, attention: string) {
  const quant = part === 'decoder' ? 'post_quant_conv' : 'quant_conv';
  const names = ATTENTION_NAMES.find(({ query }) => table.has(`${attention}.${query}.weight`));
  return {
    table,
    convIn: `${part}.conv_in`,
    convOut: `${part}.conv_out`,
    attention: names && {
      norm: `${attention}.${names.norm}`,
      query: `${attention}.${names.query}`,
      key: `${attention}.${names.key}`,
      value: `${attention}.${names.value}`,
      out: `${attention}.${names.out}`,
    },
    // BFL's FLUX.2 file has it inside the part.
    quantConv: [quant, `${part}.${quant}`].find((key) => table.has(`${key}.weight`)),
    hasBatchNorm: table.has('bn.running_mean'),
  };
}

function readLevel(table: WeightsTable, resnets: string, resample: string): KlLayout['levels'][number] {
  return {
    resnets: Array.from({ length: table.count(resnets, '.norm1.weight') }, (_, j) => `${resnets}${j}`),
    resample: table.has(`${resample}.weight`) ? resample : undefined,
  };
}
