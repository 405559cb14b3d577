import { GraphBuilder } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { conv, pixelShuffle, relu, softClamp } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import type { TaesdOptions } from '../taesd/taesd';
import type { BuiltGraph } from '../types';
import { readLeapDecoderConfig, readLeapEncoderConfig } from './leap-config';
import { residualBlocks } from './residual-blocks';
import { tone } from './tone';

/**
 * Our own decoder: model-space latent [1, C, h, w] to RGB [1, 3, 8h, 8w], nominally in [0, 1], not clamped.
 *
 * Where the weights have a tone (FLUX.2), statistics of the whole latent are put in first: run the part `latent`,
 * [1, C, h, w] to the same shape (fp32), on the whole of it and `pixels` in tiles, and the result is exact.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function buildLeapDecoder(options: TaesdOptions): BuiltGraph {
  const { part = 'whole' } = options;
  const config = readLeapDecoderConfig(options.weights);
  const b = new GraphBuilder(new WeightsTable(options.weights), options.precision);
  const input = b.input([1, config.channels, options.height, options.width]);
  let x = input;
  if (part !== 'pixels') {
    // A tone's statistics are sums over the whole latent, too long for fp16.
    x = softClamp(b, config.toned ? x : b.cast(x, b.computeType), config.clamp);
    if (config.toned) x = tone(b, x);
  }
  if (part === 'latent') return b.finish(x, 'leap-decoder latent');
  x = conv(b, b.cast(x, b.computeType), 'conv_in');
  config.blocks.forEach((count, level) => {
    x = residualBlocks(b, x, `stages.${level}.blocks.`, count);
    if (level < config.blocks.length - 1) x = pixelShuffle(b, conv(b, x, `up.${level}`), 2);
  });
  return b.finish(pixelShuffle(b, conv(b, relu(b, x), 'conv_out'), 2), `leap-decoder ${part}`);
}

/**
 * Our own encoder: RGB [1, 3, 8h, 8w] in [0, 1] to model-space latent [1, C, h, w].
 *
 * Where the weights have a tone (FLUX.2), statistics of the whole latent are put in at last: run the part `pixels` in
 * tiles and `latent`, [1, C, h, w] to the same shape (fp32), on the whole of what they give, and the result is exact.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function buildLeapEncoder(options: TaesdOptions): BuiltGraph {
  const { part = 'whole' } = options;
  const config = readLeapEncoderConfig(options.weights);
  const b = new GraphBuilder(new WeightsTable(options.weights), options.precision);
  const channels = part === 'latent' ? config.channels : 3;
  let x = b.input([1, channels, options.height, options.width]);
  if (part !== 'latent') {
    x = conv(b, b.cast(x, b.computeType), 'conv_in', { stride: 2, pads: [2, 2, 2, 2] });
    config.blocks.forEach((count, level) => {
      x = residualBlocks(b, x, `stages.${level}.blocks.`, count);
      if (level < config.blocks.length - 1)
        x = conv(b, x, `down.${level}`, { stride: 2, pads: [0, 0, 0, 0] });
    });
    x = conv(b, x, 'conv_out');
  }
  // A tone's statistics are sums over the whole latent, too long for fp16.
  if (part !== 'pixels' && config.toned) x = tone(b, b.cast(x, ElementType.float32));
  return b.finish(x, `leap-encoder ${part}`);
}
