import { expect, it } from 'vitest';
import { SerialQueue } from './serial-queue';

it('drops a waiting task at once when it is cancelled, and never starts it', async () => {
  const queue = new SerialQueue();
  let finish = () => {};
  const first = queue.run(() => new Promise<void>((resolve) => (finish = resolve)));
  const controller = new AbortController();
  let started = false;
  const second = queue.run(async () => (started = true), controller.signal);
  controller.abort();
  await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  finish();
  await first;
  await queue.run(async () => {});
  expect(started).toBe(false);
});

it('never lets two tasks overlap, and continues after a failure', async () => {
  const queue = new SerialQueue();
  let running = 0;
  let most = 0;
  const task = async (fail: boolean): Promise<string> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    if (fail) throw new Error('failed');
    return 'done';
  };
  const results = await Promise.allSettled([false, true, false].map((fail) => queue.run(() => task(fail))));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(most).toBe(1);
});
