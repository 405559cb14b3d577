import { DIFFERENCE_GAIN } from './modes';
import { type ComparedSide, SIDES, type SideId } from './sides';

/** The label of the difference. That of rough previews tells nothing. */
export function nameDifference(sides: Record<SideId, ComparedSide>): { label: string; note?: string } {
  const { left, right } = sides;
  if (SIDES.some((side) => sides[side].rough)) return { label: 'Difference needs both pictures' };
  const note = `${DIFFERENCE_GAIN} times as bright`;
  if (!left.label || !right.label) return { label: 'Difference', note };
  return { label: `${left.label} − ${right.label}`, note: `difference, ${note}` };
}
