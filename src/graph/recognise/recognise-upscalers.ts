import { WeightsTable } from '../onnx/weights-table';
import type { WeightsFile } from '../types';
import { lsrPrefix } from '../upscalers/lsr';
import { NN_SCALES } from '../upscalers/nn-latent-upscale';
import { type FoundModel, refuse } from './recognised-model';

/** The factors that SD-Latent-Upscaler has been published for. */
const SD_SCALES = [1.25, 1.5, 2];
const LSR_SCALES: [number, number] = [1, 4];
/** The last convolution of SD-Latent-Upscaler. */
const SD_LAST = 36;

/** Recognises Ttl's NNLatentUpscale. */
export function recogniseNnLatentUpscale(file: WeightsFile): FoundModel | undefined {
  const table = new WeightsTable([file]);
  if (!table.has('embed.0.weight') || !table.has('in_blocks.0.in_layers.0.weight')) return undefined;
  return {
    channels: table.get('conv_in.weight').shape[1]!,
    space: 'decoder',
    scaleRange: NN_SCALES,
    keep: ['conv_in.', 'embed.', 'in_blocks.', 'out_blocks.', 'norm_out.', 'conv_out.'],
  };
}

/** Recognises city96's SD-Latent-Upscaler. */
export function recogniseSdLatentUpscaler(file: WeightsFile): FoundModel | undefined {
  const table = new WeightsTable([file]);
  if (!table.has('sequential.0.weight') || !table.has(`sequential.${SD_LAST}.weight`)) return undefined;
  const [, channels = 0, ...kernel] = table.get('sequential.0.weight').shape;
  if (kernel.length !== 2) throw refuse('holds a sequence of layers that are not 2-D convolutions');
  return {
    channels,
    space: 'decoder',
    askScale: SD_SCALES,
    keep: ['sequential.'],
  };
}

/** Recognises LSRNA's latent super-resolution. */
export function recogniseLsr(file: WeightsFile): FoundModel | undefined {
  const table = new WeightsTable([file]);
  const prefix = lsrPrefix(table);
  if (prefix === undefined) return undefined;
  return {
    channels: table.get(`${prefix}encoder.conv_first.weight`).shape[1]!,
    space: 'model',
    scaleRange: LSR_SCALES,
    keep: [`${prefix}encoder.`, `${prefix}imnet.`],
  };
}
