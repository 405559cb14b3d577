import { LeapError } from '../../errors';
import { ENLARGER_FACTORS, ENLARGER_FACTORS_TAKEN } from '../../factor';
import { enlargerFacts, ONNX_TENSOR } from '../enlarger/onnx-enlarger';
import type { WeightsFile } from '../types';
import type { FoundModel } from './recognised-model';

const RGB = 3;

/** An ONNX file that upscales pictures, read by `readOnnxEnlarger` before. */
export function recogniseOnnxEnlarger(file: WeightsFile): FoundModel | undefined {
  if (!file.header.entries.has(ONNX_TENSOR) || file.header.metadata[ONNX_TENSOR] === undefined)
    return undefined;
  const { scale } = enlargerFacts([file]);
  if (scale !== undefined && !ENLARGER_FACTORS.includes(scale)) {
    const message = `This ONNX model enlarges by ${scale}; upscalers of pictures enlarge by ${ENLARGER_FACTORS_TAKEN} here.`;
    throw new LeapError('unsupported', message);
  }
  return {
    channels: RGB,
    space: 'decoder',
    ...(scale === undefined ? { askScale: [...ENLARGER_FACTORS] } : { scales: [scale] }),
    keep: [ONNX_TENSOR],
  };
}
