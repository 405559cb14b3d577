import { denominatorOf } from '../../factor';
import type { Overlap } from '../../graph';

/** The same overlap, with borders where the output of this scale has whole positions. */
export function alignToScale({ halo, fade, align }: Overlap, scale: number): Overlap {
  const denominator = denominatorOf(scale) ?? 1;
  const up = (positions: number) => Math.ceil(positions / denominator) * denominator;
  return { halo: up(halo), fade: up(fade), align: leastCommonMultiple(align, denominator) };
}

function leastCommonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}
