import { LeapError } from '../../errors';
import { attention } from '../kl/kl-attention';
import { convIn, convWithin, normAndActivate } from '../kl/kl-blocks';
import { wholePictureNorm } from '../kl/kl-norm';
import { divisor } from '../kl/kl-range';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, conv, linear, mul, reshape, silu } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import { enlargeTo } from '../resample';
import type { BuiltGraph, UpscalerOptions } from '../types';

/**
 * What the network takes, per unit of decoder space: SDXL's factor, for latents of Stable Diffusion 1.x too, whose own
 * is another one.
 */
const INPUT_SCALE = 0.13025;
const norm = wholePictureNorm({ groups: 32, epsilon: 1e-5 });

/**
 * NNLatentUpscale (Ttl): decoder-space latent [1, 4, h, w] to [1, 4, round(scale h), round(scale w)], for scales above
 * 1 and up to 2.
 *
 * Residual blocks at the small size, a bilinear enlargement, residual blocks at the large one; an embedding of the
 * factor is added in each. GroupNorm and attention see the whole latent: this graph cannot be tiled. In fp16 the
 * statistics are fp32 and the features divided, as in the full autoencoders.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout, `bad-option` for another scale
 */
export function buildNnLatentUpscale(options: UpscalerOptions): BuiltGraph {
  const { weights, scale, height, width, precision } = options;
  const [least, greatest] = NN_SCALES;
  if (!(scale > least && scale <= greatest)) {
    throw new LeapError('bad-option', `This upscaler enlarges up to ${greatest} times, not ${scale} times.`, {
      scale,
    });
  }
  const table = new WeightsTable(weights);
  const b = new GraphBuilder(table, precision);
  const [, channels = 0] = b.weightShape('conv_in.weight');
  const input = b.input([1, channels, height, width]);
  const scaled = mul(b, input, b.floats([INPUT_SCALE], [], ElementType.float32));
  const embedding = embedScale(b, scale);
  let x = convIn(b, b.cast(scaled, b.computeType), 'conv_in');
  x = runBlocks(b, x, embedding, blockKeys(table, 'in_blocks'));
  const size = { height: Math.round(height * scale), width: Math.round(width * scale) };
  x = b.cast(enlargeTo(b, x, size, 'bilinear'), b.computeType);
  x = runBlocks(b, x, embedding, blockKeys(table, 'out_blocks'));
  const last = b.cast(conv(b, normAndActivate(b, x, 'norm_out', norm), 'conv_out'), ElementType.float32);
  const result = mul(b, last, b.floats([1 / INPUT_SCALE], [], ElementType.float32));
  return b.finish(result, `nn-latent-upscale x${scale}`);
}

/** The scales that it was trained for; at the first one it changes nothing. */
export const NN_SCALES: [number, number] = [1, 2];

/** Keys of the entries of a list, in their order. */
function blockKeys(table: WeightsTable, list: string): string[] {
  const keys: string[] = [];
  for (let i = 0; ; i++) {
    const key = `${list}.${i}`;
    if (!table.has(`${key}.in_layers.0.weight`) && !table.has(`${key}.q.weight`)) return keys;
    keys.push(key);
  }
}

/** embed.2(SiLU(embed.0(scale - 1))), activated once more as every block begins with it: [1, 32], fp32. */
function embedScale(b: GraphBuilder, scale: number): Value {
  const value = b.floats([scale - 1], [1, 1], ElementType.float32);
  return silu(b, linear(b, silu(b, linear(b, value, 'embed.0')), 'embed.2'));
}

function runBlocks(b: GraphBuilder, first: Value, embedding: Value, keys: string[]): Value {
  return keys.reduce((x, key) => {
    if (!b.hasWeight(`${key}.q.weight`)) return residualBlock(b, x, embedding, key);
    const at = (layer: string) => `${key}.${layer}`;
    const layers = { norm: at('norm'), query: at('q'), key: at('k'), value: at('v'), out: at('proj_out') };
    return attention(b, x, layers, norm);
  }, first);
}

/** x + out_layers(in_layers(x) + emb_layers(embedding)). */
function residualBlock(b: GraphBuilder, x: Value, embedding: Value, key: string): Value {
  const inner = convIn(b, normAndActivate(b, x, `${key}.in_layers.0`, norm), `${key}.in_layers.2`);
  const told = linear(b, embedding, `${key}.emb_layers.1`, [1 / divisor(b.precision)]);
  const shift = reshape(b, b.cast(told, b.computeType), [1, inner.shape[1]!, 1, 1]);
  const active = normAndActivate(b, add(b, inner, shift), `${key}.out_layers.0`, norm);
  const outer = convIn(b, active, `${key}.out_layers.3`);
  const skip = `${key}.skip_connection`;
  return add(b, b.hasWeight(`${skip}.weight`) ? convWithin(b, x, skip) : x, outer);
}
