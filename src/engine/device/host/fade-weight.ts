/**
 * The weight of position `i` of the kept part of a tile: `length` positions, which fade in over the first `fadeIn` and out
 * over the last `fadeOut`. It is linear and taken at the middle of each position, so two parts that fade into each other
 * sum to 1. The GPU kernel computes the same.
 */
export function fadeWeight(i: number, length: number, fadeIn: number, fadeOut: number): number {
  const rise = i < fadeIn ? (i + 0.5) / fadeIn : 1;
  const left = length - 1 - i;
  const fall = left < fadeOut ? (left + 0.5) / fadeOut : 1;
  return rise * fall;
}
