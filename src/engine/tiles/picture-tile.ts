import { reflect } from '../../graph';
import type { Picture } from '../types';
import type { Tile } from './plan-tiles';

/** A picture's values differ by less than this where it is one colour. */
export const FLAT_PIXELS = 2 / 255;

/** RGB in [0, 1] under a tile, [3, H, W]; beyond the picture its reflection. */
export function tileValues({ width, height, rgba }: Picture, { x, y }: Tile): Float32Array {
  const plane = x.size * y.size;
  const values = new Float32Array(3 * plane);
  for (let row = 0; row < y.size; row++) {
    const line = reflect(y.start + row, height) * width;
    for (let column = 0; column < x.size; column++) {
      const read = (line + reflect(x.start + column, width)) * 4;
      const write = row * x.size + column;
      for (let c = 0; c < 3; c++) values[c * plane + write] = rgba[read + c]! / 255;
    }
  }
  return values;
}

/** Largest minus least value. */
export function spreadOf(values: Float32Array): number {
  let [min, max] = [1, 0];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return max - min;
}
