import { expect, it } from 'vitest';
import { spreadOf } from './picture-tile';

it.each([
  ['of one colour', [0.5, 0.5, 0.5], 0],
  ['black', [0, 0], 0],
  ['white', [1, 1], 0],
  ['of several colours', [0.2, 0.9, 0.4], 0.7],
  ['falling', [0.9, 0.4, 0.2], 0.7],
])('knows the spread of values, %s', (_, values, spread) => {
  expect(spreadOf(Float32Array.from(values))).toBeCloseTo(spread, 6);
});
