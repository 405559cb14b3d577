import { getEventListeners } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { delayAfter, Interrupted, Retries, readRetryAfter } from './retry';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

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

test('leaves nothing at a signal that outlives its waits, which may be that of the page', async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  const retries = new Retries('https://example.org/a', 4, signal);
  for (let failure = 0; failure < 3; failure++) {
    const waiting = retries.waitAfter(new Interrupted('broken'), 0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await vi.runAllTimersAsync();
    await waiting;
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('does not wait where the browser says that there is no network, unless a server answered', async () => {
  vi.stubGlobal('navigator', { onLine: false });
  const wait = (failure: Interrupted) =>
    new Retries('https://example.org/a', 4, undefined).waitAfter(failure, 0);
  await expect(wait(new Interrupted('broken'))).rejects.toMatchObject({
    code: 'download-failed',
    message: expect.stringContaining('could not be fetched: this machine has no network.'),
  });
  await expect(wait(new Interrupted('busy', { status: 503, retryAfter: 0 }))).resolves.toBeUndefined();
});
