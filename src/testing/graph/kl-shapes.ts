import type { Shapes } from './network-shapes';

export interface KlShape {
  channels: number;
  encoderWidths: number[];
  decoderWidths: number[];
  quantConv: boolean;
  batchNorm: boolean;
}

/** The widths of every published full autoencoder of the families here. */
const WIDTHS = [128, 256, 512, 512];

/** The full autoencoder of SD 1.5 and SDXL, at its real width. */
export function fullKl(change: Partial<KlShape> = {}): KlShape {
  const sides = { encoderWidths: WIDTHS, decoderWidths: WIDTHS };
  return { channels: 4, ...sides, quantConv: true, batchNorm: false, ...change };
}

/** SD's layout, as narrow as its 32 groups allow, for tests that do not depend on the width. */
export function narrowKl(change: Partial<KlShape> = {}): KlShape {
  const widths = [32, 32, 32, 32];
  const sd = { channels: 4, encoderWidths: widths, decoderWidths: widths, quantConv: true, batchNorm: false };
  return { ...sd, ...change };
}

/** Names and shapes of an AutoencoderKL in diffusers' layout: two resnets a level, three in the decoder. */
export function klShapes(shape: KlShape): Shapes {
  const { channels: c, encoderWidths, decoderWidths, quantConv, batchNorm } = shape;
  const shapes: Shapes = {};
  const conv = (key: string, outputs: number, inputs: number, k = 3): void => {
    shapes[`${key}.weight`] = [outputs, inputs, k, k];
    shapes[`${key}.bias`] = [outputs];
  };
  const norm = (key: string, width: number): void => {
    shapes[`${key}.weight`] = [width];
    shapes[`${key}.bias`] = [width];
  };
  const resnet = (key: string, inputs: number, outputs: number): void => {
    norm(`${key}.norm1`, inputs);
    conv(`${key}.conv1`, outputs, inputs);
    norm(`${key}.norm2`, outputs);
    conv(`${key}.conv2`, outputs, outputs);
    if (inputs !== outputs) conv(`${key}.conv_shortcut`, outputs, inputs, 1);
  };
  const part = (name: 'encoder' | 'decoder', widths: number[], inputs: number, outputs: number): void => {
    const [blocks, resample, count] = name === 'encoder' ? ['down', 'down', 2] : ['up', 'up', 3];
    conv(`${name}.conv_in`, widths[0]!, inputs);
    let width = widths[0]!;
    widths.forEach((next, i) => {
      for (let j = 0; j < count; j++) {
        resnet(`${name}.${blocks}_blocks.${i}.resnets.${j}`, j === 0 ? width : next, next);
      }
      if (i < widths.length - 1) conv(`${name}.${blocks}_blocks.${i}.${resample}samplers.0.conv`, next, next);
      width = next;
    });
    const middle = name === 'encoder' ? widths.at(-1)! : widths[0]!;
    for (const j of [0, 1]) resnet(`${name}.mid_block.resnets.${j}`, middle, middle);
    const attention = `${name}.mid_block.attentions.0`;
    norm(`${attention}.group_norm`, middle);
    for (const key of ['to_q', 'to_k', 'to_v', 'to_out.0']) {
      shapes[`${attention}.${key}.weight`] = [middle, middle];
      shapes[`${attention}.${key}.bias`] = [middle];
    }
    norm(`${name}.conv_norm_out`, widths.at(-1)!);
    conv(`${name}.conv_out`, outputs, widths.at(-1)!);
  };
  part('encoder', encoderWidths, 3, 2 * c);
  part('decoder', decoderWidths.toReversed(), c, 3);
  if (quantConv) {
    conv('quant_conv', 2 * c, 2 * c, 1);
    conv('post_quant_conv', c, c, 1);
  }
  if (batchNorm) shapes['bn.running_mean'] = shapes['bn.running_var'] = [4 * c];
  return shapes;
}

/** The same tensors under the names of the original layout, where attention is 1x1 convolutions. */
export function toOriginalNames(shapes: Shapes): Shapes {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name
        .replace(/up_blocks\.(\d)/, (_, level) => `up.${3 - Number(level)}`)
        .replace(/down_blocks\.(\d)/, 'down.$1')
        .replace(/mid_block\.resnets\.(\d)/, (_, index) => `mid.block_${Number(index) + 1}`)
        .replace('resnets.', 'block.')
        .replace('samplers.0.conv', 'sample.conv')
        .replace('conv_shortcut', 'nin_shortcut')
        .replace('conv_norm_out', 'norm_out')
        .replace('mid_block.attentions.0', 'mid.attn_1')
        .replace('group_norm', 'norm')
        .replace('to_out.0', 'proj_out')
        .replace('to_', ''),
      name.includes('attentions') && shape.length === 2 ? [...shape, 1, 1] : shape,
    ]),
  );
}
