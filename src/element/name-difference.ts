import { DIFFERENCE_GAIN } from './modes';
import { type ComparedSide, SIDES, type SideId } from './sides';

/** Whether a difference would tell something: that of rough previews does not. */
export function canSubtract(sides: Record<SideId, ComparedSide>): boolean {
  return !SIDES.some((side) => sides[side].rough);
}

/** The label of the difference. */
export function nameDifference(sides: Record<SideId, ComparedSide>): { label: string; note?: string } {
  const { left, right } = sides;
  if (!canSubtract(sides)) return { label: 'Difference needs both pictures' };
  const note = `${DIFFERENCE_GAIN} times as bright`;
  if (!left.label || !right.label) return { label: 'Difference', note };
  return { label: `${left.label} − ${right.label}`, note: `difference, ${note}` };
}
