import { expect, test } from 'vitest';
import { swinReach } from './swin-reach';

/** Positions that an output window depends on, one by one: no arithmetic of borders. */
function spread(blocks: number, window: number, behind: number): Set<number> {
  let seen = new Set(Array.from({ length: window }, (_, i) => i));
  const widen = (by: number) => {
    seen = new Set([...seen].flatMap((at) => Array.from({ length: 2 * by + 1 }, (_, i) => at - by + i)));
  };
  widen(behind + 1);
  for (let block = blocks - 1; block >= 0; block--) {
    const shift = block % 2 === 1 ? Math.floor(window / 2) : 0;
    const windows = new Set([...seen].map((at) => Math.floor((at - shift) / window)));
    seen = new Set(
      [...windows].flatMap((one) => Array.from({ length: window }, (_, i) => one * window + shift + i)),
    );
  }
  return seen;
}

test.each([
  [6, 8, 0, 24],
  [6, 8, 2, 24],
  [2, 8, 0, 8],
  [3, 8, 0, 16],
  [1, 8, 0, 8],
  [4, 7, 1, 14],
  [6, 4, 2, 16],
])('%i blocks with windows of %i, %i convolutions behind: %i', (blocks, window, behind, reach) => {
  const seen = [...spread(blocks, window, behind)];
  expect(Math.max(-Math.min(...seen), Math.max(...seen) - (window - 1))).toBe(
    swinReach(blocks, window, behind),
  );
  expect(swinReach(blocks, window, behind)).toBe(reach);
});
