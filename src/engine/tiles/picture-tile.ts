import { reflect } from '../../graph';
import type { Picture } from '../types';
import type { Tile } from './plan-tiles';

/** A picture's values differ by less than this where it is one colour. */
export const FLAT_PIXELS = 2 / 255;

/**
 * RGB in [0, 1] under a tile, [3, H, W]; beyond the picture its reflection.
 * @param margin by which the grid of the tiles begins before the picture, in pixels
 */
export function tileValues({ width, height, rgba }: Picture, { x, y }: Tile, margin = 0): Float32Array {
  const plane = x.size * y.size;
  const values = new Float32Array(3 * plane);
  for (let row = 0; row < y.size; row++) {
    const line = reflect(Math.abs(y.start + row - margin), height) * width;
    for (let column = 0; column < x.size; column++) {
      const read = (line + reflect(Math.abs(x.start + column - margin), width)) * 4;
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
