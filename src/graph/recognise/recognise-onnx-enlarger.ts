import { LeapError } from '../../errors';
import { enlargerFacts, ONNX_TENSOR } from '../enlarger/onnx-enlarger';
import type { WeightsFile } from '../types';
import type { FoundModel } from './recognised-model';

/** Factors of upscalers that can be used; one that does not tell its own is asked about. */
const USUAL_SCALES = [2, 3, 4];
const RGB = 3;

/** An ONNX file that upscales pictures, read by `readOnnxEnlarger` before. */
export function recogniseOnnxEnlarger(file: WeightsFile): FoundModel | undefined {
  if (!file.header.entries.has(ONNX_TENSOR) || file.header.metadata[ONNX_TENSOR] === undefined)
    return undefined;
  const { scale } = enlargerFacts([file]);
  if (scale !== undefined && !USUAL_SCALES.includes(scale)) {
    const message = `This ONNX model enlarges by ${scale}; upscalers of pictures enlarge by 2, 3 or 4 here.`;
    throw new LeapError('unsupported', message);
  }
  return {
    channels: RGB,
    space: 'decoder',
    ...(scale === undefined ? { askScale: USUAL_SCALES } : { scales: [scale] }),
    keep: [ONNX_TENSOR],
  };
}
