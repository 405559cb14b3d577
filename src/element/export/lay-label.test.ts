import { describe, expect, it } from 'vitest';
import { layLabel } from './lay-label';

const label = { label: 'Decoded, then Lanczos', note: 'Leap decoder' };
/** Every letter is one wide. */
const widthOf = (text: string) => text.length;

describe('layLabel', () => {
  it.each<[number, string[]]>([
    [40, ['Decoded, then Lanczos, Leap decoder']],
    [35, ['Decoded, then Lanczos, Leap decoder']],
    [34, ['Decoded, then Lanczos', 'Leap decoder']],
    [20, ['Decoded, then Lancz…', 'Leap decoder']],
    [10, ['Decoded,…', 'Leap deco…']],
    [3, []],
  ])('within %d letters', (room, lines) => expect(layLabel(label, room, widthOf)).toEqual(lines));

  it('is a name without a note, and nothing without a name', () => {
    expect(layLabel({ label: 'LUA' }, 9, widthOf)).toEqual(['LUA']);
    expect(layLabel({ label: '' }, 9, widthOf)).toEqual([]);
  });
});
