import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { LeapError, orAborted } from './errors';

test('orAborted leaves nothing at a signal that outlives the work, however that ends', async () => {
  const { signal } = new AbortController();
  const failed = new LeapError('internal', 'failed');
  expect(await orAborted(Promise.resolve(1), signal)).toBe(1);
  expect(await orAborted(Promise.resolve(2), signal)).toBe(2);
  await expect(orAborted(Promise.reject(failed), signal)).rejects.toBe(failed);
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
});

test('orAborted listens while the work is under way, and gives the reason of the signal', async () => {
  const controller = new AbortController();
  const waiting = orAborted(new Promise(() => {}), controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort('left');
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled', cause: 'left' });
});
