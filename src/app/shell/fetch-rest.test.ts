import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeapError, type ModelStatus } from '../../client';
import { page, upscaler } from '../../testing/app/fake-page';
import { fetchRest } from './fetch-rest';

const IDLE = 30_000;
const missing = ['a', 'b'].map((id) => ({ id, embedded: true, complete: false }) as ModelStatus);
let fetched: string[];
let online: EventTarget & { onLine: boolean };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  fetched = [];
  online = Object.assign(new EventTarget(), { onLine: true });
  vi.stubGlobal('navigator', online);
  vi.stubGlobal('addEventListener', online.addEventListener.bind(online));
  page.device = { backend: 'wasm', precision: 'fp32', adapter: 'test' };
  upscaler.models = async () => missing;
  fetchRest(page);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function rest(): Promise<void> {
  page.dispatchEvent(new Event('change'));
  await vi.advanceTimersByTimeAsync(IDLE);
}

it('fetches what is missing once nothing has happened for a while, and does so once', async () => {
  upscaler.fetchModel = async (id) => {
    fetched.push(id);
    return missing[0]!;
  };
  page.dispatchEvent(new Event('change'));
  await vi.advanceTimersByTimeAsync(IDLE - 1);
  expect(fetched).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(fetched).toEqual(['a', 'b']);
  await rest();
  expect(fetched).toEqual(['a', 'b']);
});

it('tries again when the network is back, and not what fails with a network', async () => {
  upscaler.fetchModel = (id) => {
    fetched.push(id);
    return Promise.reject(new LeapError('download-failed', 'No.'));
  };
  online.onLine = false;
  await rest();
  expect(fetched).toEqual(['a']);
  await rest();
  expect(fetched).toEqual(['a']);
  online.onLine = true;
  online.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(IDLE);
  expect(fetched).toEqual(['a', 'a']);
  online.dispatchEvent(new Event('online'));
  await rest();
  expect(fetched).toEqual(['a', 'a']);
});
