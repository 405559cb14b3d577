import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fadeWeight } from '../device/host/fade-weight';
import { placementOf, planAxis, planTiles } from './plan-tiles';

const rules = fc
  .record({
    align: fc.constantFrom(1, 8, 16),
    halo: fc.integer({ min: 0, max: 20 }),
    fade: fc.integer({ min: 0, max: 12 }),
    core: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ align, halo, fade, core }) => ({
    align,
    halo,
    fade,
    tile: (Math.ceil((2 * halo + fade) / align) + core) * align,
  }));

describe('planAxis', () => {
  it('covers every position with weights that sum to 1, keeps halos, and aligns starts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), rules, (length, rule) => {
        const tiles = planAxis(length, rule);
        const weights = new Float64Array(length);
        for (const tile of tiles) {
          const end = tile.start + tile.size;
          expect(tile.start % rule.align).toBe(0);
          expect(end).toBeLessThanOrEqual(length);
          expect(tile.size).toBeLessThanOrEqual(rule.tile);
          expect(tile.from).toBeGreaterThanOrEqual(tile.start === 0 ? 0 : tile.start + rule.halo);
          expect(tile.to).toBeLessThanOrEqual(end === length ? length : end - rule.halo);
          for (let i = tile.from; i < tile.to; i++) {
            weights[i]! += fadeWeight(i - tile.from, tile.to - tile.from, tile.fadeIn, tile.fadeOut);
          }
        }
        for (const weight of weights) expect(weight).toBeCloseTo(1, 10);
      }),
    );
  });

  it('makes one tile of exactly the length when that fits', () => {
    expect(planAxis(33, { tile: 40, halo: 8, fade: 4, align: 8 })).toEqual([
      { start: 0, size: 33, from: 0, to: 33, fadeIn: 0, fadeOut: 0 },
    ]);
  });

  it('refuses tiles too small for their overlap', () => {
    expect(() => planAxis(100, { tile: 16, halo: 8, fade: 0, align: 1 })).toThrow(RangeError);
  });
});

it('puts tiles edge to edge at every fraction, though products such as 45 x 1.4 are not whole as numbers', () => {
  for (let d = 1; d <= 20; d++) {
    const length = 20 * d;
    const tiles = planTiles(d, length, { tile: 3 * d, halo: d, fade: 0, align: d });
    expect(tiles).toHaveLength(18);
    for (let n = d; n <= 4 * d; n++) {
      // Positions are multiples of d, so whole numbers tell where each tile belongs.
      const times = (positions: number) => (positions / d) * n;
      const expected = tiles.map(({ x }) => ({
        rect: { x: times(x.from - x.start), y: 0, width: times(x.to - x.from), height: n },
        x: times(x.from),
        y: 0,
        fade: { left: 0, right: 0, top: 0, bottom: 0 },
      }));
      expect(tiles.map((tile) => placementOf(tile, n / d))).toEqual(expected);
      const ends = expected.map(({ x, rect }) => x + rect.width);
      expect(expected.map(({ x }) => x)).toEqual([0, ...ends.slice(0, -1)]);
      expect(ends.at(-1)).toBe(20 * n);
    }
  }
});
