/**
 * Weight of position `i` of a piece that is `length` long, fades in over the first `fadeIn` positions and out
 * over the last `fadeOut`. Linear, taken at the positions' middles: what fades out and what fades in over it
 * sum to 1. The GPU kernel computes the same.
 */
export function fadeWeight(i: number, length: number, fadeIn: number, fadeOut: number): number {
  const rise = i < fadeIn ? (i + 0.5) / fadeIn : 1;
  const left = length - 1 - i;
  const fall = left < fadeOut ? (left + 0.5) / fadeOut : 1;
  return rise * fall;
}
