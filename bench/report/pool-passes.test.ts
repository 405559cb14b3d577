import { expect, test } from 'vitest';
import type { CaseResult } from '../types';
import { poolPasses, totalOf } from './pool-passes';
import { spreadOf } from './spread';

function pass(upscale: number[], decode: number[], peakBytes: number | null, createMs: number): CaseResult {
  const step = (name: 'upscale' | 'decode', samples: number[]) => ({
    name,
    samples,
    ms: spreadOf(samples),
    multiplyAdds: 5,
    bytesMoved: 6,
  });
  return {
    id: 'lua',
    label: 'LUA',
    steps: [step('upscale', upscale), step('decode', decode)],
    totalMs: totalOf([upscale, decode]),
    createMs,
    peakBytes,
  };
}

test('the rounds of all passes count alike, and each total is that of one round', () => {
  const pooled = poolPasses([pass([1, 9], [10, 20], 7, 3), pass([5], [60], 8, 2)]);
  expect(pooled.steps[0]!.samples).toEqual([1, 9, 5]);
  expect(pooled.steps[0]!.ms).toEqual({ median: 5, least: 1, greatest: 9 });
  expect(pooled.totalMs).toEqual({ median: 29, least: 11, greatest: 65 });
  expect([pooled.peakBytes, pooled.createMs]).toEqual([8, 3]);
});

test('what is unknown, or failed, in one pass is unknown, or failed, in the whole', () => {
  expect(poolPasses([pass([1], [1], null, 1), pass([1], [1], 8, 1)]).peakBytes).toBeNull();
  const failed = { ...pass([1], [1], 1, 1), failed: 'no memory' };
  expect(poolPasses([pass([1], [1], 1, 1), failed]).failed).toBe('no memory');
});
