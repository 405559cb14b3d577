import { GraphBuilder } from '../onnx/graph-builder';
import { conv, gather, relu } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import { exactly, type Overlap } from '../overlap';
import { enlargedLength } from '../resample';
import type { BuiltGraph, UpscalerOptions } from '../types';

/** Behind the enlargement there is a convolution at every second index up to this one. */
const LAST = 36;
const FIRST_AFTER = 4;

/**
 * SD-Latent-Upscaler (city96): decoder-space latent [1, 4, h, w] to [1, 4, floor(scale h), floor(scale w)].
 *
 * A convolution, nearest enlargement, and seventeen convolutions. Each published file is for one factor, which its
 * tensors do not tell. Names, shapes and results are those of `comfy_latent_upscaler.py` (version 2.1) of
 * city96/SD-Latent-Upscaler at 89543b0: training/references/compare_upscalers.py.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function buildSdLatentUpscaler(options: UpscalerOptions): BuiltGraph {
  const { weights, scale, height, width, precision } = options;
  const table = new WeightsTable(weights);
  const b = new GraphBuilder(table, precision);
  const [, channels = 0] = b.weightShape('sequential.0.weight');
  const input = b.input([1, channels, height, width]);
  let x = relu(b, conv(b, b.cast(input, b.computeType), 'sequential.0'));
  for (const axis of [2, 3]) {
    const length = enlargedLength(x.shape[axis]!, scale);
    const sources = Array.from({ length }, (_, i) => Math.floor((i + 1e-6) / scale));
    x = gather(b, x, b.integers(sources, [length], 'int32'), axis);
  }
  for (let i = FIRST_AFTER; i < LAST; i += 2) x = relu(b, conv(b, x, `sequential.${i}`));
  return b.finish(conv(b, x, `sequential.${LAST}`), `sd-latent-upscaler x${scale}`);
}

/** Seventeen positions of the output, at the smallest factor, 1.25; the first convolution and the enlargement. */
export function sdLatentUpscalerOverlap(): Overlap {
  return exactly(Math.ceil(17 / 1.25) + 2);
}
