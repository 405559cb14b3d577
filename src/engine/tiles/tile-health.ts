import { LeapError } from '../../errors';
import type { Latent } from '../../latent/types';
import type { TileStats } from '../device/runtime';
import type { Tile } from './plan-tiles';

/** An input whose values differ by less than this is as good as constant; typical ones span several units. */
const FLAT_INPUT = 1e-3;
/** Relative spread below which an output is constant: even a white wall decodes to more. */
const FLAT_OUTPUT = 1e-6;

/**
 * Throws `bad-output` when a tile's output shows a broken computation: it is not finite, or it is constant although
 * its input is not.
 *
 * @param inputSpread largest minus least value of the input under the tile; asked for only when in doubt
 */
export function checkTile(stats: TileStats, inputSpread: () => number, step: string): void {
  const { min, max, nonFinite } = stats;
  if (nonFinite > 0) {
    throw new LeapError('bad-output', `The ${step} gave ${nonFinite} values that are not numbers.`, {
      step,
      nonFinite,
    });
  }
  const spread = (max - min) / Math.max(1, Math.abs(max), Math.abs(min));
  if (spread <= FLAT_OUTPUT && inputSpread() > FLAT_INPUT) {
    throw new LeapError('bad-output', `The ${step} gave a tile of one value, ${min}.`, { step, value: min });
  }
}

/**
 * Largest minus least value of the latent under a tile.
 * @param scale positions of the tile's grid per position of the latent
 */
export function spreadUnder({ x, y }: Tile, { data, dims }: Latent, scale: number): number {
  const [channels, height, width] = dims;
  const right = Math.min(width, Math.ceil((x.start + x.size) / scale));
  const bottom = Math.min(height, Math.ceil((y.start + y.size) / scale));
  let widest = 0;
  for (let c = 0; c < channels; c++) {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let row = Math.floor(y.start / scale); row < bottom; row++) {
      const line = (c * height + row) * width;
      for (let i = Math.floor(x.start / scale); i < right; i++) {
        min = Math.min(min, data[line + i]!);
        max = Math.max(max, data[line + i]!);
      }
    }
    widest = Math.max(widest, max - min);
  }
  return widest;
}
