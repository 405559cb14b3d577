import { LeapError } from '../../errors';
import type { Overlap } from '../overlap';
import type { BuiltGraph, WeightsFile } from '../types';
import type { EnlargerFacts } from './read-onnx-enlarger';

/** The tensor, bytes as U8, and the metadata key under which an ONNX file and its facts are kept. */
export const ONNX_TENSOR = 'onnx';

const FLOAT_BYTES = 4;
const RGB = 3;
/** Tensors alive at once that are as large as the largest. */
const ALIVE = 4;

/** The facts that were kept with the file. @throws LeapError `bad-weights` */
export function enlargerFacts(files: WeightsFile[]): EnlargerFacts {
  const text = files[0]?.header.metadata[ONNX_TENSOR];
  if (text === undefined) throw new LeapError('bad-weights', 'The file does not hold an ONNX model.');
  return JSON.parse(text) as EnlargerFacts;
}

/**
 * Somebody's ONNX model as it is, for pictures of this size: RGB [1, 3, H, W] about [0, 1] to [1, 3, scale H, scale W],
 * fp32. What it costs is estimated from its widest layers.
 *
 * @param bytes of the files, by path
 */
export function buildOnnxEnlarger(options: {
  weights: WeightsFile[];
  bytes: ReadonlyMap<string, Uint8Array>;
  scale: number;
  height: number;
  width: number;
}): BuiltGraph {
  const { weights, bytes, scale, height, width } = options;
  const [file] = weights;
  const { input, output, width: channels, lateWidth } = enlargerFacts(weights);
  const entry = file!.header.entries.get(ONNX_TENSOR)!;
  const pixels = height * width;
  const widest = Math.max(channels, lateWidth * scale ** 2) * pixels * FLOAT_BYTES;
  return {
    model: bytes.get(file!.path)!.subarray(entry.begin, entry.end),
    input: { name: input, shape: [1, RGB, height, width] },
    output: { name: output, shape: [1, RGB, height * scale, width * scale] },
    weightPaths: [],
    weightNames: [],
    multiplyAdds: 0,
    dispatches: 0,
    bytesMoved: 0,
    largestTensorBytes: widest,
    peakBytes: ALIVE * widest,
    constantBytes: 0,
    precision: 'fp32',
  };
}

/** Upscalers of pictures see 20 pixels (SPAN) to hundreds (ESRGAN), of which those far away have no say. */
const HALO = 32;
/** Sides that networks with windows or with a pixel-unshuffle ask for. */
const ALIGN = 16;

/** In pixels. A network for one size only has tiles of that size. */
export function onnxEnlargerOverlap(files: WeightsFile[]): Overlap {
  const { edge } = enlargerFacts(files);
  if (edge === undefined) return { halo: HALO, fade: 0, align: ALIGN };
  return { halo: Math.min(HALO, Math.floor(edge / 4)), fade: 0, align: 1 };
}
