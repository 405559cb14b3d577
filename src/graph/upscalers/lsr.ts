import { readSwinShape, type SwinShape } from '../lua/swin-shape';
import { swinTrunk } from '../lua/swin-trunk';
import { padByReflection } from '../lua/windows';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { add, conv, crop, leakyRelu } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import { enlarge } from '../resample';
import type { BuiltGraph, UpscalerOptions } from '../types';
import { liifHead } from './liif-head';

/** What tensors of its checkpoint are named after: the file holds a dictionary `model` with the state `sd`. */
const PREFIXES = ['', 'model.sd.', 'sd.'];
const SLOPE = 0.01;

/**
 * LSRNA's LSR: model-space latent [1, 4, h, w] to [1, 4, scale h, scale w], any scale from 1 to 4.
 *
 * A SwinIR trunk whose windows see far, and a LIIF head that sees two positions. This graph cannot be tiled. Pieces of
 * `listLsrSteps` can.
 *
 * Names, shapes and results are those of `lsr/swinir.py` and `lsr/liif.py` of 3587jjh/LSRNA at eebd4b4, with the sizes of its
 * `swinir-liif-latent-sdxl.yaml`: training/references/compare_upscalers.py.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function buildLsr({ weights, scale, height, width, precision }: UpscalerOptions): BuiltGraph {
  const { table, shape, channels } = readLsr(weights);
  const b = new GraphBuilder(table, precision);
  const input = b.input([1, channels, height, width]);
  const first = firstConv(b, padByReflection(b, input, shape.window_size));
  const features = featuresOf(b, swinTrunk(b, first, { ...shape, num_heads: shape.heads }));
  return b.finish(lsrHead(b, crop(b, features, height, width), input, scale), `lsr x${scale}`);
}

/** What names and shapes say. */
export interface Lsr {
  /** The trunk's tensors under SwinIR's names, and those of the head as `layers.N` of `imnet`. */
  table: WeightsTable;
  shape: SwinShape;
  /** Channels: of the latent, inside the trunk (`width`), and of the features that the head is given. */
  channels: number;
  width: number;
  features: number;
}

/** @throws LeapError `bad-weights` when the tensors are not those of the layout */
export function readLsr(files: UpscalerOptions['weights']): Lsr {
  const all = new WeightsTable(files);
  const prefix = lsrPrefix(all) ?? '';
  const table = all.under(`${prefix}encoder.`, prefix);
  const [width = 0, channels = 0] = table.get('conv_first.weight').shape;
  const [features = 0] = table.get('conv_before_upsample.0.weight').shape;
  return { table, shape: readSwinShape(table), channels, width, features };
}

/** What the names of its tensors begin with; undefined where the tensors are others. */
export function lsrPrefix(table: WeightsTable): string | undefined {
  return PREFIXES.find(
    (prefix) =>
      table.has(`${prefix}encoder.conv_first.weight`) && table.has(`${prefix}imnet.layers.0.weight`),
  );
}

/** @param latent [1, 4, h, w], sides multiples of the window */
export function firstConv(b: GraphBuilder, latent: Value): Value {
  return conv(b, b.cast(latent, b.computeType), 'conv_first');
}

/** @param deep what the trunk gives, [1, E, h, w] @returns [1, F, h, w] */
export function featuresOf(b: GraphBuilder, deep: Value): Value {
  return leakyRelu(b, conv(b, deep, 'conv_before_upsample.0'), SLOPE);
}

/** The latent enlarged by bicubic, and what the head makes of the features. */
export function lsrHead(b: GraphBuilder, features: Value, latent: Value, scale: number): Value {
  return add(b, enlarge(b, latent, scale, 'bicubic'), liifHead(b, features, scale));
}
