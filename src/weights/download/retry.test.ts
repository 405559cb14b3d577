import { expect, test } from 'vitest';
import { delayAfter, Interrupted, readRetryAfter } from './retry';

test('reads Retry-After as seconds or as a date', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  expect(readRetryAfter('7', now)).toBe(7000);
  expect(readRetryAfter('Fri, 02 Jan 2026 03:04:15 GMT', now)).toBe(10_000);
  expect(readRetryAfter('Fri, 02 Jan 2026 03:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('soon', now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});

test('waits longer after each failure, or as long as the server asks, or not at all', () => {
  const broken = new Interrupted('broken');
  expect([1, 2, 3, 20].map((n) => delayAfter(broken, n))).toEqual([300, 600, 1200, 10_000]);
  expect(delayAfter(new Interrupted('busy', { retryAfter: 5000 }), 1)).toBe(5000);
  expect(delayAfter(new Interrupted('busy', { retryAfter: 3_600_000 }), 1)).toBeUndefined();
});
