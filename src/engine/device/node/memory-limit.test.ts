import { describe, expect, it } from 'vitest';
import { memoryLimit } from './memory-limit';

const GIB = 2 ** 30;

describe('memoryLimit', () => {
  it.each([
    ['what a container allows', 4 * GIB, 4 * GIB],
    ['all of it without a limit', 0, 64 * GIB],
    ['all of it when no limit is known', undefined, 64 * GIB],
    ['all of it under a limit beyond it, which is how cgroups write "none"', 2 ** 64, 64 * GIB],
  ])('is %s', (_, constrained, expected) => {
    expect(memoryLimit(64 * GIB, constrained)).toBe(expected);
  });
});
