import { expect, it } from 'vitest';
import { runFuzz } from './fuzz/run-fuzz';

it('reads or refuses 8 000 mutated files, each in time and memory', () => {
  const { findings, results } = runFuzz(5, 8_000);
  expect(findings).toEqual([]);
  // If the mutations were too wild, nothing would be read any more.
  expect(results.get('read')).toBeGreaterThan(400);
  expect(results.get('damaged-file')).toBeGreaterThan(400);
}, 240_000);
