import { readSwinShape } from '../lua/swin-shape';
import { swinTrunk } from '../lua/swin-trunk';
import { padByReflection } from '../lua/windows';
import { GraphBuilder, type Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, concat, conv, crop, leakyRelu, splitSizes } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import { exactly, type Overlap } from '../overlap';
import { enlarge, FILTER_REACH } from '../resample';
import type { BuiltGraph, NetworkPart, UpscalerOptions, WeightsFile } from '../types';
import { liifHead } from './liif-head';

/** What tensors of its checkpoint are named after: the file holds a dictionary `model` with the state `sd`. */
const PREFIXES = ['', 'model.sd.', 'sd.'];
const SLOPE = 0.01;
/** Of the trunk's tiles, at each inner border. */
const DROPPED_WINDOWS = 3;

/**
 * LSRNA's LSR: model-space latent [1, 4, h, w] to [1, 4, scale h, scale w], any scale from 1 to 4.
 *
 * A SwinIR trunk whose windows see far, and a LIIF head that sees two positions. Run the piece `latent`, [1, 4, h, w] to
 * features with the latent behind them [1, F + 4, h, w] (fp32), on the whole latent and `pixels` on tiles of that, and
 * the result is exact.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function buildLsr(options: UpscalerOptions & { piece?: NetworkPart }): BuiltGraph {
  const { weights, scale, height, width, precision, piece = 'whole' } = options;
  const table = lsrTable(new WeightsTable(weights));
  const b = new GraphBuilder(table, precision);
  const channels = b.weightShape('conv_first.weight')[1]!;
  const features = b.weightShape('conv_before_upsample.0.weight')[0]!;
  const inputs = piece === 'pixels' ? features + channels : channels;
  const input = b.input([1, inputs, height, width]);
  const [deep, latent] =
    piece === 'pixels'
      ? (splitSizes(b, input, 1, [features, channels]) as [Value, Value])
      : [trunk(b, input, table), input];
  if (piece === 'latent') {
    return b.finish(concat(b, [b.cast(deep, ElementType.float32), latent], 1), 'lsr features');
  }
  const head = liifHead(b, b.cast(deep, b.computeType), scale);
  return b.finish(add(b, enlarge(b, latent, scale, 'bicubic'), head), `lsr x${scale}`);
}

/**
 * Null for the whole. Its trunk, the piece `latent`, is best run on the whole latent too: its windows pass on what they
 * see. Behind some windows little of that is left: see docs/engine.md.
 */
export function lsrOverlap(files: WeightsFile[], piece: NetworkPart): Overlap | null {
  if (piece === 'whole') return null;
  if (piece === 'pixels') return exactly(FILTER_REACH.bicubic);
  const { window_size: window } = readSwinShape(lsrTable(new WeightsTable(files)));
  return { halo: DROPPED_WINDOWS * window, fade: window, align: window };
}

/** What the names of its tensors begin with; undefined where the tensors are others. */
export function lsrPrefix(table: WeightsTable): string | undefined {
  return PREFIXES.find(
    (prefix) =>
      table.has(`${prefix}encoder.conv_first.weight`) && table.has(`${prefix}imnet.layers.0.weight`),
  );
}

/** The trunk's tensors under SwinIR's names, and those of the head as `layers.N` of `imnet`. */
function lsrTable(table: WeightsTable): WeightsTable {
  const prefix = lsrPrefix(table) ?? '';
  return table.under(`${prefix}encoder.`, prefix);
}

function trunk(b: GraphBuilder, input: Value, table: WeightsTable): Value {
  const { depths, heads, window_size } = readSwinShape(table);
  const padded = padByReflection(b, b.cast(input, b.computeType), window_size);
  const deep = swinTrunk(b, conv(b, padded, 'conv_first'), { depths, num_heads: heads, window_size });
  const [, , height = 0, width = 0] = input.shape;
  return crop(b, leakyRelu(b, conv(b, deep, 'conv_before_upsample.0'), SLOPE), height, width);
}
