import { expect, test } from 'vitest';
import { spreadOf } from './spread';

test('median and extremes of odd and even numbers of rounds', () => {
  expect(spreadOf([30, 1, 20])).toEqual({ median: 20, least: 1, greatest: 30 });
  expect(spreadOf([4, 10, 2, 100])).toEqual({ median: 7, least: 2, greatest: 100 });
  expect(() => spreadOf([])).toThrow(RangeError);
});
