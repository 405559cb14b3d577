import type { ComparedSide } from '../sides';

/** Fewer letters than these, before the dots, say nothing. */
const FEWEST_LETTERS = 3;

/**
 * The lines of a label that is drawn on a picture: one, or, where that is too wide, the name above its note, each cut
 * to the room there is.
 * @param room width of a line; `widthOf` has the same unit
 * @returns no line where there is not even room for the beginning of the name
 */
export function layLabel(
  { label, note }: Pick<ComparedSide, 'label' | 'note'>,
  room: number,
  widthOf: (text: string) => number,
): string[] {
  const whole = [label, note].filter(Boolean).join(', ');
  if (widthOf(whole) <= room) return whole ? [whole] : [];
  const [name, more] = [label, note ?? ''].map((text) => cut(text, room, widthOf));
  return name ? [name, more!].filter(Boolean) : [];
}

function cut(text: string, room: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= room) return text;
  for (let count = text.length - 1; count >= FEWEST_LETTERS; count--) {
    const shorter = `${text.slice(0, count).trimEnd()}…`;
    if (widthOf(shorter) <= room) return shorter;
  }
  return '';
}
