import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { addBranches, conv, groupNorm, nearestUp, relu, softClamp } from '../onnx/ops';
import type { AutoencoderOptions, BuiltGraph, NetworkPart } from '../types';
import { findTaesdLayout, type TaesdLayout } from './taesd-layout';

export interface TaesdOptions extends AutoencoderOptions {
  /** `height` and `width` count as for the whole autoencoder where its input is taken, else latent positions. */
  part?: NetworkPart;
}

/** TAESD's soft clamp of the latent: 3 tanh(x / 3). */
const LATENT_BOUND = 3;
const POOL_NORM = { groups: 4, epsilon: 1e-5 };

/**
 * A tiny decoder of the TAESD family (TAESD, TAESDXL, TAESD3, TAEF1, TAEF2): model-space latent [1, C, h, w] to
 * RGB [1, 3, 8h, 8w], nominally in [0, 1], not clamped.
 *
 * @throws LeapError `bad-weights` when the tensors are of no TAESD layout
 */
export function buildTaesdDecoder(options: TaesdOptions): BuiltGraph {
  const { part = 'whole', height, width } = options;
  const layout = findTaesdLayout(options.weights, 'decoder');
  const b = new GraphBuilder(layout.table, options.precision);
  const first = `${layout.layer(1)}.weight`;
  const channels = b.weightShape(first)[part === 'pixels' ? 0 : 1]!;
  let x = b.cast(b.input([1, channels, height, width]), b.computeType);
  if (part !== 'pixels') {
    x = relu(b, conv(b, softClamp(b, x, LATENT_BOUND), layout.layer(1)));
    x = blocks(b, x, layout, [3, 4, 5]);
  }
  if (part !== 'latent') {
    for (const up of [7, 12, 17]) {
      x = conv(b, nearestUp(b, x, 2), layout.layer(up), { bias: 'optional' });
      x = blocks(b, x, layout, up === 17 ? [18] : [up + 1, up + 2, up + 3]);
    }
    x = conv(b, x, layout.layer(19));
  }
  return b.finish(x, `taesd-decoder ${part}`);
}

/**
 * A tiny encoder of the TAESD family: RGB [1, 3, 8h, 8w] in [0, 1] to model-space latent [1, C, h, w].
 *
 * @throws LeapError `bad-weights` when the tensors are of no TAESD layout
 */
export function buildTaesdEncoder(options: TaesdOptions): BuiltGraph {
  const { part = 'whole', height, width } = options;
  const layout = findTaesdLayout(options.weights, 'encoder');
  const b = new GraphBuilder(layout.table, options.precision);
  const channels = part === 'latent' ? b.weightShape(`${layout.layer(14)}.weight`)[1]! : 3;
  let x = b.cast(b.input([1, channels, height, width]), b.computeType);
  if (part !== 'latent') {
    x = blocks(b, conv(b, x, layout.layer(0)), layout, [1]);
    for (const down of [2, 6, 10]) {
      x = conv(b, x, layout.layer(down), { stride: 2, bias: 'optional' });
      if (down !== 10) x = blocks(b, x, layout, [down + 1, down + 2, down + 3]);
    }
  }
  if (part !== 'pixels') x = conv(b, blocks(b, x, layout, [11, 12, 13]), layout.layer(14));
  return b.finish(x, `taesd-encoder ${part}`);
}

function blocks(b: GraphBuilder, x: Value, layout: TaesdLayout, indices: number[]): Value {
  return indices.reduce((value, index) => block(b, value, layout.layer(index)), x);
}

/** ReLU(conv(ReLU(conv(ReLU(conv(x))))) + skip(x)), with FLUX.2's pooled part added to x first. */
function block(b: GraphBuilder, x: Value, key: string): Value {
  const start = b.hasWeight(`${key}.pool.0.weight`) ? addBranches(b, x, pool(b, x, `${key}.pool`)) : x;
  let inner = relu(b, conv(b, start, `${key}.conv.0`));
  inner = relu(b, conv(b, inner, `${key}.conv.2`));
  inner = conv(b, inner, `${key}.conv.4`);
  const skip = b.hasWeight(`${key}.skip.weight`)
    ? conv(b, start, `${key}.skip`, { bias: 'optional' })
    : start;
  return relu(b, addBranches(b, inner, skip));
}

/** conv1x1, GroupNorm with the statistics of the whole picture, ReLU, conv1x1. */
function pool(b: GraphBuilder, x: Value, key: string): Value {
  const wide = conv(b, x, `${key}.0`, { bias: 'optional' });
  const normal = groupNorm(b, wide, `${key}.1`, POOL_NORM);
  return conv(b, relu(b, normal), `${key}.3`, { bias: 'optional' });
}
