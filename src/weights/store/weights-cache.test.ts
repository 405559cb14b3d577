import { expect, it } from 'vitest';
import type { WeightsNotice } from '../types';
import { createMemoryStore } from './memory-store';
import { WeightsCache } from './weights-cache';

const KEY = 'a'.repeat(64);
const OTHER = { path: 'other', bytes: 1, sha256: 'b'.repeat(64) };

it('deletes what is stored, also after the store did not open once', async () => {
  const store = createMemoryStore();
  await store.set(KEY, new Uint8Array(1));
  const notices: WeightsNotice[] = [];
  let opens = false;
  const get = async (key: string) => {
    if (!opens) throw new DOMException('another tab is deleting', 'TimeoutError');
    return store.get(key);
  };
  const cache = new WeightsCache({ ...store, get }, (notice) => notices.push(notice));
  expect(await cache.read(OTHER)).toBeUndefined();
  expect(notices.map(({ code }) => code)).toEqual(['not-persistent']);
  opens = true;
  await cache.delete(KEY);
  expect((await store.sizes()).size).toBe(0);
});

it('says so when the store does not delete', async () => {
  const store = createMemoryStore();
  await store.set(KEY, new Uint8Array(1));
  const refuse = async () => {
    throw new DOMException('locked', 'InvalidStateError');
  };
  const cache = new WeightsCache({ ...store, delete: refuse, clear: refuse }, () => {});
  await expect(cache.delete(KEY)).rejects.toMatchObject({ code: 'internal' });
  await expect(cache.clear(new Set())).rejects.toMatchObject({ code: 'internal' });
});
