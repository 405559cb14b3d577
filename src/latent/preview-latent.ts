import { FAMILIES } from './families';
import type { Latent } from './types';

/** A picture in RGBA, one pixel per latent position. */
export interface Preview {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** A rough, opaque picture, made at once by the family's linear map from channels to RGB. */
export function previewLatent(latent: Latent): Preview {
  const [channels, height, width] = latent.dims;
  const { rgbFactors, rgbBias } = FAMILIES[latent.family];
  const area = height * width;
  const data = new Uint8ClampedArray(area * 4);
  for (let at = 0; at < area; at++) {
    let [r, g, b] = rgbBias as [number, number, number];
    for (let c = 0; c < channels; c++) {
      const value = latent.data[c * area + at]!;
      const factors = rgbFactors[c]!;
      r += value * factors[0];
      g += value * factors[1];
      b += value * factors[2];
    }
    // [-1, 1] -> [0, 255]; the array clamps and rounds.
    data.set([(r + 1) * 127.5, (g + 1) * 127.5, (b + 1) * 127.5, 255], at * 4);
  }
  return { width, height, data };
}
