import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fadeWeight } from '../device/host/fade-weight';
import { planAxis } from './plan-tiles';

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
