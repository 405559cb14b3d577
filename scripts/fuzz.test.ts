import { expect, it } from 'vitest';
import { runFuzz } from './fuzz/run-fuzz';

it('reads or refuses 20 000 mutated files, each in time and memory', () => {
  const { findings, results } = runFuzz(5, 20_000);
  expect(findings).toEqual([]);
  // If the mutations were too wild, nothing would be read any more.
  expect(results.get('read')).toBeGreaterThan(1000);
  expect(results.get('damaged-file')).toBeGreaterThan(1000);
});
