import { afterEach, describe, expect, test, vi } from 'vitest';
import { listKlSteps } from '../../graph';
import {
  comparePieces,
  narrowWeights,
  openWorkbench,
  type SplitTest,
  tilesOf,
} from '../../testing/engine/run-in-pieces';
import { IDENTITY } from '../device/runtime';
import { FeatureStore } from './feature-store';
import type { SplitPlan } from './plan-split';
import { PooledMoments } from './pooled-moments';
import { splitNetwork } from './split-network';

/** Adding up in another order makes a hundredth of this difference. */
const TOLERANCE = 1e-4;
/** Errors that must be caught make at least this difference. */
const VISIBLE = 10 * TOLERANCE;

const workbench = await openWorkbench();
const sd = narrowWeights();
const flux2 = narrowWeights({ channels: 32, batchNorm: true });
type More = Partial<SplitTest>;
const decode = (height: number, width: number, { weights = sd, ...more }: More = {}): SplitTest => {
  const steps = listKlSteps([weights.file], 'decoder');
  return { steps, weights, height, width, tile: 12, workbench, ...more };
};
const encode = (height: number, width: number, { weights = sd, ...more }: More = {}): SplitTest => {
  const steps = listKlSteps([weights.file], 'encoder');
  return { steps, weights, height, width, tile: 64, workbench, ...more };
};
/** The number of tiles in the pass that gives the features, or the picture, of each segment. */
afterEach(() => vi.restoreAllMocks());

describe('tiles give what one piece gives', () => {
  test.each([
    ['a decoder, features kept wherever it saves work', decode(20, 14), 15],
    ['a decoder, few features kept', decode(14, 14, { bytes: 14 * 14 * 64 * 4 * 8 }), 9],
    ['a decoder, features kept only for the attention', decode(14, 14, { bytes: 1 }), 2],
    ['a decoder, odd sizes', decode(15, 17), 15],
    ['a decoder, a single column', decode(31, 1), 15],
    ["FLUX.2's decoder", decode(18, 14, { weights: flux2 }), 15],
    ['an encoder', encode(72, 88), 11],
    ["FLUX.2's encoder", encode(80, 96, { weights: flux2, bytes: 80 * 96 * 32 * 4 }), 9],
  ])('%s', { timeout: 60_000 }, async (_, wish, pieces) => {
    const { error, plan } = await comparePieces(wish);
    expect(error).toBeLessThan(TOLERANCE);
    expect(Math.max(...tilesOf(plan))).toBeGreaterThan(1);
    expect(plan.segments.length).toBe(pieces);
  });

  test('a decoder, a 1x1 latent', async () => {
    expect((await comparePieces(decode(1, 1))).error).toBeLessThan(TOLERANCE);
  });
});

describe('the comparison catches', () => {
  const wish = decode(16, 14);
  const errorOf = async (more: More = {}) => (await comparePieces({ ...wish, ...more })).error;

  test('statistics of one tile instead of all', async () => {
    const add = PooledMoments.prototype.add;
    const seen = new WeakSet<PooledMoments>();
    vi.spyOn(PooledMoments.prototype, 'add').mockImplementation(function (this: PooledMoments, moments) {
      if (!seen.has(this)) add.call(this, moments);
      seen.add(this);
    });
    expect(await errorOf()).toBeGreaterThan(VISIBLE);
  });

  test('a lost tile', async () => {
    const put = FeatureStore.prototype.put;
    let calls = 0;
    vi.spyOn(FeatureStore.prototype, 'put').mockImplementation(function (this: FeatureStore, ...tile) {
      if (++calls !== 9) put.apply(this, tile);
    });
    expect(await errorOf()).toBeGreaterThan(VISIBLE);
  });

  test.each([0, 1])('a halo one row short, in the pass before the last by %i', async (back) => {
    const spoil = ({ segments }: SplitPlan) => {
      const rules = segments.at(-2)!.rules;
      const at = rules.length - 1 - back;
      rules[at] = { ...rules[at]!, halo: rules[at]!.halo - 1 };
    };
    expect(await errorOf({ spoil })).toBeGreaterThan(back === 0 ? VISIBLE : TOLERANCE);
  });
});

test('graphs with the statistics of one run are not taken for those of another', () => {
  const { steps } = decode(8, 8);
  const network = splitNetwork('test', { steps, weights: new Map(), affineIn: IDENTITY });
  const attention = steps.steps.findIndex(({ before }) => before.kind === 'attention');
  const keysOf = (id: string) => {
    const statistics = { id, values: new Map() };
    const piece = { from: 0, to: steps.steps.length };
    return [network.piece(piece, statistics).key, network.attention(attention, 64, statistics).key];
  };
  expect(new Set([...keysOf('#1'), ...keysOf('#2'), ...keysOf('#1')]).size).toBe(4);
});
