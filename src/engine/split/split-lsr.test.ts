import { describe, expect, test } from 'vitest';
import { buildGraph, type LoadedWeights, packWeights, stepsOf } from '../../graph';
import {
  checkpoint,
  entryOf,
  latentFor,
  openEngine,
  upscaleToPicture,
} from '../../testing/engine/checkpoint-engine';
import { comparePieces, openWorkbench, type SplitTest, tilesOf } from '../../testing/engine/run-in-pieces';
import type { Shapes } from '../../testing/graph/network-shapes';
import { randomTensor } from '../../testing/graph/random-weights';
import { relativeError } from '../../testing/graph/run-on-node';
import { lsrShapes } from '../../testing/graph/upscaler-shapes';
import type { EngineMemory } from '../types';
import type { SplitPlan } from './plan-split';

const workbench = await openWorkbench();
const SHAPES = lsrShapes({ width: 12, depths: [3, 2], heads: 2, features: 8, hidden: 16 });
/** Bytes of the largest tensor of a group's tile. */
const SMALL_BUFFER = 2 ** 19;
const sharp = sharpWeights(SHAPES, 4);

/** Sharp attention sees as far as its windows allow: what comes from afar is not lost among many others. */
function sharpWeights(shapes: Shapes, factor: number): LoadedWeights {
  return packWeights(
    Object.entries(shapes).map(([name, shape]) => {
      const sharpened = /residual_group.*(qkv|relative_position_bias_table)/.test(name) ? factor : 1;
      const bytes = new Uint8Array(randomTensor(name, shape).map((value) => value * sharpened).buffer);
      return { name, shape, dtype: 'F32', bytes };
    }),
  );
}

/** @param more `tensorBytes` bounds the tiles of the groups, `tile` those of the head */
function enlarge(scale: number, height: number, width: number, more: Partial<SplitTest> = {}): SplitTest {
  const steps = stepsOf('lsr', [sharp.file], scale)!;
  return { steps, weights: sharp, height, width, tile: 24, tensorBytes: SMALL_BUFFER, workbench, ...more };
}

async function errorOf(scale: number, height: number, width: number, more: Partial<SplitTest> = {}) {
  const wish = enlarge(scale, height, width, more);
  const { error, plan } = await comparePieces(wish, (_, size) =>
    buildGraph('lsr', { ...size, weights: [sharp.file], scale }),
  );
  return { error, tiles: tilesOf(plan) };
}

describe('LSR in pieces gives what one run gives', () => {
  test.each([
    ['x2, sides that are whole windows', 2, 88, 64],
    ['x2, odd sides', 2, 85, 59],
    ['x1.5', 1.5, 86, 58],
    ['x1.25, one row of windows', 1.25, 8, 180],
    ['x4, less than a window high', 4, 3, 150],
    ['x3', 3, 57, 85],
  ] as const)('%s', async (_, scale, height, width) => {
    const tensorBytes = height > 8 ? SMALL_BUFFER : SMALL_BUFFER / 8;
    const { error, tiles } = await errorOf(scale, height, width, { tensorBytes });
    expect(Math.min(...tiles)).toBeGreaterThan(1);
    expect(error).toBeLessThan(1e-5);
  });
});

test.each([0, 1])('the comparison notices a halo of group %i that is a window short', async (group) => {
  const spoil = ({ segments }: SplitPlan) => {
    const [rule] = segments[group]!.rules;
    segments[group]!.rules = [{ ...rule!, halo: rule!.halo - 8 }];
  };
  expect((await errorOf(2, 88, 64, { spoil })).error).toBeGreaterThan(1e-3);
});

test('LSR on a latent that is too large for a buffer is exact, and says that it ran in pieces', async () => {
  const file = checkpoint(SHAPES);
  const entry = entryOf(file, 'lsr', 'lua', 'sdxl');
  const wish = { scale: 1.5, method: 'lua', lua: 'lsr' } as const;
  const latent = latentFor(entry, 86, 90);
  const upscale = async (memory: EngineMemory) =>
    upscaleToPicture(await openEngine(file, entry, { memory }), latent, wish);
  const whole = await upscale({});
  const tiled = await upscale({ buffer: SMALL_BUFFER });
  expect(whole.report.memory.upscaleSplit).toBeUndefined();
  expect(tiled.report.memory.upscaleSplit!.pieces).toHaveLength(3);
  expect(tiled.report.memory.upscaleSplit!.runs).toBeGreaterThan(10);
  expect(tiled.report.notices).toEqual([]);
  expect(relativeError(tiled.latent.data, whole.latent.data)).toBeLessThan(1e-5);
});
