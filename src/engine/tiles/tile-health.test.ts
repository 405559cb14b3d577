import { describe, expect, it } from 'vitest';
import { makeLatent } from '../../testing/engine/test-models';
import { errorOf } from '../../testing/error-of';
import { planTiles } from './plan-tiles';
import { checkTile, spreadUnder } from './tile-health';

const varied = { min: -1, max: 1, nonFinite: 0 };
const busy = () => 1;

describe('checkTile', () => {
  it('refuses a tile of which a single value is not a number', () => {
    expect(() => checkTile(varied, busy, 'decoder')).not.toThrow();
    const error = errorOf(() => checkTile({ ...varied, nonFinite: 1 }, busy, 'decoder'));
    expect(error).toMatchObject({ code: 'bad-output', detail: { step: 'decoder', nonFinite: 1 } });
  });

  it('refuses a tile of one value where its input has several', () => {
    const flat = { min: 0.25, max: 0.25, nonFinite: 0 };
    expect(errorOf(() => checkTile(flat, busy, 'decoder')).code).toBe('bad-output');
    expect(() => checkTile(flat, () => 0, 'decoder')).not.toThrow();
  });
});

describe('spreadUnder', () => {
  it.each([1, 2, 8])('is that of the latent under a tile, on a grid %i times as fine', (scale) => {
    // One value stands out. Only tiles over it see it.
    const latent = { ...makeLatent('sdxl', 6, 8), data: new Float32Array(4 * 6 * 8) };
    latent.data[(2 * 6 + 5) * 8 + 7] = 3;
    const tiles = planTiles(6 * scale, 8 * scale, { tile: 2 * scale, halo: 0, fade: 0, align: scale });
    expect(tiles).toHaveLength(12);
    const spreads = tiles.map((tile) => spreadUnder(tile, latent, scale));
    expect(spreads).toEqual([...Array(11).fill(0), 3]);
  });
});
