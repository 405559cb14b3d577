import 'fake-indexeddb/auto';
import { createStore, del, set } from 'idb-keyval';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WeightsStore } from '../types';
import { createIdbStore } from './idb-store';

const BYTES = Uint8Array.from({ length: 250 }, (_, i) => i);
let database: string;
let store: WeightsStore;

beforeEach(() => {
  database = crypto.randomUUID();
  store = createIdbStore({ database, chunkBytes: 100 });
});
afterEach(() => void vi.restoreAllMocks());

test('gives back what was stored, in chunks of the chosen size', async () => {
  await store.set('a', BYTES);
  // A view into something larger is stored without the rest.
  await store.set('b', BYTES.subarray(10, 110));
  await store.set('empty', new Uint8Array());
  expect(await store.get('a')).toEqual(BYTES);
  expect(await store.get('b')).toEqual(BYTES.subarray(10, 110));
  expect(await store.get('empty')).toEqual(new Uint8Array());
  expect(await store.get('c')).toBeUndefined();
  expect([await store.has('a'), await store.has('c')]).toEqual([true, false]);
});

test('tells sizes without the chunks', async () => {
  await store.set('a', BYTES);
  await del('a#1', createStore(database, 'files'));
  expect(await store.sizes()).toEqual(new Map([['a', 250]]));
});

test('deletes one entry, or all', async () => {
  await store.set('a', BYTES);
  await store.set('ab', BYTES);
  await store.delete('a');
  expect(await store.has('a')).toBe(false);
  expect(await store.get('ab')).toEqual(BYTES);
  await store.clear();
  expect(await store.sizes()).toEqual(new Map());
});

test.each([
  ['a missing chunk', undefined],
  ['a short chunk', new Blob(['abc'])],
  ['a long chunk', new Blob(['x'.repeat(300)])],
  ['something else', 'abc'],
])('notices %s', async (_, value) => {
  await store.set('a', BYTES);
  const raw = createStore(database, 'files');
  await (value === undefined ? del('a#1', raw) : set('a#1', value, raw));
  await expect(store.get('a')).rejects.toMatchObject({ code: 'damaged-file' });
});

test('turns a full disk into a typed error, and stores nothing of the file', async () => {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (key !== 'a#1') return put.call(this, value, key);
    this.transaction.abort();
    throw new DOMException('full', 'QuotaExceededError');
  });
  await expect(store.set('a', BYTES)).rejects.toMatchObject({ code: 'quota' });
  expect(await store.has('a')).toBe(false);
});

test('does not wait for ever while another tab deletes the database, and goes on when that is done', async () => {
  await store.set('a', BYTES);
  const other = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(database);
    request.onsuccess = () => resolve(request.result);
  });
  // It does not close when it is asked to, so the deletion stays pending.
  const deletion = new Promise<void>((resolve) => {
    indexedDB.deleteDatabase(database).onsuccess = () => resolve();
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const late = createIdbStore({ database, patience: 50 });
  await expect(late.get('a')).rejects.toMatchObject({ name: 'TimeoutError' });
  other.close();
  await deletion;
  await expect.poll(() => late.get('a').catch(() => 'closed')).toBeUndefined();
});

test('lets another tab delete the database', async () => {
  await store.set('a', BYTES);
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(database);
    request.onsuccess = () => resolve();
    request.onblocked = () => reject(new Error('blocked'));
  });
  expect(await store.get('a')).toBeUndefined();
  await store.set('b', BYTES);
  expect(await store.get('b')).toEqual(BYTES);
});
