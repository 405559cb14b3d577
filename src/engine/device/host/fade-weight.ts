/**
 * The weight of position `i` of a piece that is `length` long, fades in over its first `fadeIn` positions and fades
 * out over its last `fadeOut`. It is linear and taken at the middle of each position, so two pieces that fade into
 * each other sum to 1. The GPU kernel computes the same.
 */
export function fadeWeight(i: number, length: number, fadeIn: number, fadeOut: number): number {
  const rise = i < fadeIn ? (i + 0.5) / fadeIn : 1;
  const left = length - 1 - i;
  const fall = left < fadeOut ? (left + 0.5) / fadeOut : 1;
  return rise * fall;
}
