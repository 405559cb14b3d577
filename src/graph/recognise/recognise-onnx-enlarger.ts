import { enlargerFacts, ONNX_TENSOR } from '../enlarger/onnx-enlarger';
import type { WeightsFile } from '../types';
import type { FoundModel } from './recognised-model';

/** Factors of upscalers whose shapes do not tell it. */
const USUAL_SCALES = [2, 3, 4];
const RGB = 3;

/** An ONNX file that upscales pictures, read by `readOnnxEnlarger` before. */
export function recogniseOnnxEnlarger(file: WeightsFile): FoundModel | undefined {
  if (!file.header.entries.has(ONNX_TENSOR) || file.header.metadata[ONNX_TENSOR] === undefined)
    return undefined;
  const { scale } = enlargerFacts([file]);
  return {
    channels: RGB,
    space: 'decoder',
    ...(scale === undefined ? { askScale: USUAL_SCALES } : { scales: [scale] }),
    keep: [ONNX_TENSOR],
  };
}
