import { expect, it } from 'vitest';
import { openNodeRuntime } from '../device/node/open-node-runtime';
import type { Device } from '../device/runtime';
import { filterNetwork } from './networks';
import { SessionCache } from './session-cache';

const network = filterNetwork('bicubic', 4, 2);

/** A cache, and how many of its sessions are alive. */
async function open(budget: number) {
  const device = await openNodeRuntime({ threads: 1 }).openDevice('cpu');
  const count = { made: 0, alive: 0 };
  const counting: Device = {
    ...device,
    async createSession(graph, weights) {
      const session = await device.createSession(graph, weights);
      count.made++;
      count.alive++;
      return { ...session, release: () => session.release().finally(() => count.alive--) };
    },
  };
  return { cache: new SessionCache(counting, 'fp32', budget), count };
}

it('makes one session per tile shape and keeps the last four', async () => {
  const { cache, count } = await open(Number.POSITIVE_INFINITY);
  for (const size of [8, 9, 8, 10, 8, 11, 12, 8]) await cache.get(network, size, size);
  expect(count).toEqual({ made: 5, alive: 4 });
  await cache.get(network, 9, 9);
  expect(count).toEqual({ made: 6, alive: 4 });
  await cache.releaseAll();
  expect(count.alive).toBe(0);
});

it('lets everything go before the buffers of all shapes exceed the budget', async () => {
  const one = network.build(16, 16, 'fp32').peakBytes;
  const { cache, count } = await open(one * 10);
  await cache.get(network, 16, 16);
  await cache.get(network, 16, 15);
  expect(count.alive).toBe(2);
  for (const width of [14, 13, 12]) await cache.get(network, 16, width);
  expect(count.alive).toBeLessThan(5);
  expect(count.made).toBe(5);
});

it('counts what something else takes of the budget for the time being', async () => {
  const one = network.build(16, 16, 'fp32').peakBytes;
  const { cache, count } = await open(one * 10);
  cache.reservedBytes = one * 7;
  await cache.get(network, 16, 16);
  await cache.get(network, 16, 15);
  expect(count).toEqual({ made: 2, alive: 1 });
  cache.reservedBytes = 0;
  await cache.get(network, 16, 14);
  expect(count).toEqual({ made: 3, alive: 2 });
});
