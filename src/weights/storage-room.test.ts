import { digestOf } from '../testing/digest-of';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LeapError } from '../errors';
import { rejectionOf } from '../testing/error-of';
import { COMMIT, FILE, makeVae, REPO, vaeFile, worstError } from '../testing/weights/hub-checkpoint';
import {
  codes,
  dropped,
  entry,
  hub,
  idb,
  load,
  notices,
  open,
  putCatalog,
  statusOf,
  storedKeys,
} from '../testing/weights/managed-hub';
import { createRefusingStore } from '../testing/weights/refusing-store';
import { VAE, WANTED } from '../testing/weights/vae-hub';
import { fileKey } from './store/file-key';
import { createMemoryStore } from './store/memory-store';
import { noteKindOf } from './store/store-keys';
import type { ManagedWeights, WeightsStore } from './types';

describe('room', () => {
  /** Fails as a browser does when there would be more than `limit` bytes, and for good when it is asked for ever. */
  function limited(limit: number, store = createMemoryStore()): WeightsStore {
    let refused = 0;
    return {
      ...store,
      async set(key, bytes) {
        const used = [...(await store.sizes()).values()].reduce((sum, size) => sum + size, 0);
        if (used + bytes.length <= limit) return store.set(key, bytes);
        if (++refused > 20) throw new Error('asked for ever');
        throw new LeapError('quota', 'full');
      },
    };
  }
  const text = (words: string) => new TextEncoder().encode(words);

  beforeEach(() => {
    for (const name of ['a', 'b', 'c']) {
      const bytes = vaeFile(makeVae({ seed: name }));
      hub.putModel({ repo: `someone/${name}`, path: FILE, bytes, commit: COMMIT });
    }
    putCatalog(...['a', 'b', 'c'].map((name) => entry(name, `someone/${name}`)));
  });

  const complete = async (weights: ManagedWeights) =>
    (await weights.status()).filter((model) => model.complete).map(({ id }) => id);

  test('is made by deleting what was used longest ago, never what is pinned', async () => {
    const one = (await (await open(createMemoryStore())).fetch('a')).bytes;
    const weights = await open(limited(2.5 * one));
    await weights.pin('a', true);
    await weights.fetch('b');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await weights.fetch('c');
    expect(await complete(weights)).toEqual(['a', 'c']);
    expect(codes()).toEqual(['evicted']);
    // Both are pinned now: the next one is for this visit only, and says so.
    await weights.pin('c', true);
    expect(await weights.fetch('b')).toMatchObject({ complete: false });
    expect(codes()).toEqual(['evicted', 'quota']);
    expect((await rejectionOf(weights.pin('b', true))).code).toBe('quota');
    expect(await statusOf(weights, 'b')).toMatchObject({ pinned: false });
  });

  test('is made of the model that was loaded longest ago, not of the one that was fetched first', async () => {
    const one = (await (await open(createMemoryStore())).fetch('a')).bytes;
    const weights = await open(limited(2.5 * one));
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (const [day, id] of ['a', 'b', 'a', 'c'].entries()) {
        vi.setSystemTime(Date.UTC(2026, 0, 1 + day));
        await load(weights, id);
      }
    } finally {
      vi.useRealTimers();
    }
    expect(await complete(weights)).toEqual(['a', 'c']);
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('Test b was deleted')]);
  });

  test('is made first of what the catalogue no longer has', async () => {
    const one = (await (await open(createMemoryStore())).fetch('a')).bytes;
    const store = limited(2.5 * one);
    const weights = await open(store);
    await weights.fetch('a');
    await weights.fetch('b');
    putCatalog(entry('b', 'someone/b'), entry('c', 'someone/c'));
    const later = await open(store);
    await later.fetch('c');
    expect(await complete(later)).toEqual(['b', 'c']);
    expect(codes()).toEqual([]);
  });

  test('is not looked for where two models share what is stored: the next one in turn is deleted', async () => {
    putCatalog(
      entry('a', 'someone/a'),
      entry('twin', 'someone/a'),
      entry('b', 'someone/b'),
      entry('c', 'someone/c'),
    );
    const one = (await (await open(createMemoryStore())).fetch('a')).bytes;
    const weights = await open(limited(2.5 * one));
    await weights.fetch('a');
    await weights.fetch('twin');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await weights.fetch('b');
    await weights.fetch('c');
    expect(await complete(weights)).toEqual(['a', 'twin', 'c']);
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('Test b was deleted')]);
    // Where nothing else is left, nothing is said to be deleted either.
    await weights.pin('c', true);
    expect(await weights.fetch('b')).toMatchObject({ complete: false });
    expect(codes()).toEqual(['evicted', 'quota']);
    expect(await complete(weights)).toEqual(['a', 'twin', 'c']);
  });

  test('is made of what the page no longer ships, and of parts of files that have moved', async () => {
    const store = createMemoryStore();
    const old = new Uint8Array(50_000).fill(7);
    hub.put('/old.bin', old);
    const shipped = entry('shipped', REPO, {
      embedded: true,
      files: [{ path: 'old.bin', bytes: old.length, sha256: digestOf(old) }],
    });
    putCatalog(shipped, entry('a', 'someone/a'));
    const before = await open(store);
    await before.fetch('shipped');
    const { bytes } = await before.fetch('a');
    const moved = `part-${digestOf(text('where it was'))}`;
    for (const key of [moved, `${moved}-0`]) await store.set(key, new Uint8Array(bytes / 2));

    putCatalog(...['a', 'b', 'c'].map((name) => entry(name, `someone/${name}`)));
    const weights = await open(limited(2.9 * bytes, store));
    await weights.fetch('b');
    expect(await complete(weights)).toEqual(['a', 'b']);
    expect(codes()).toEqual([]);
    const keys = await storedKeys(store);
    expect(keys.filter((key) => key === digestOf(old) || key.startsWith('part-'))).toEqual([]);
  });

  test('is not made of what is added, under way, or noted in words of another version', async () => {
    const store = createMemoryStore();
    const first = await open(store);
    const { id, bytes } = await first.add(dropped(VAE), { family: 'sdxl' });
    await first.pin(id, false);
    // The hub has the same decoder, and the catalogue loses it.
    putCatalog(entry('same'));
    await (await open(store)).fetch('same');
    expect((await storedKeys(store)).filter((key) => /^[0-9a-f]{64}$/.test(key))).toHaveLength(1);
    const partial = `part-${digestOf(text(fileKey(entry('c', 'someone/c').files[0]!)))}`;
    const later = digestOf(text('of a later version'));
    const needed = [partial, `${partial}-0`, later];
    for (const key of needed) await store.set(key, new Uint8Array(10));
    await store.set('added-later', text(`{"id":"later","files":[{"digest":"${later}"}]}`));
    const stray = digestOf(text('nobody knows'));
    await store.set(stray, new Uint8Array(2 * bytes));

    putCatalog(...['b', 'c'].map((name) => entry(name, `someone/${name}`)));
    const used = [...(await store.sizes()).values()].reduce((sum, size) => sum + size, 0);
    const weights = await open(limited(used, store));
    await weights.fetch('b');
    expect(codes()).toEqual([]);
    expect(await complete(weights)).toEqual(['b', id]);
    const keys = await storedKeys(store);
    expect(keys).toEqual(expect.arrayContaining(needed));
    expect(keys).not.toContain(stray);
    expect(keys.filter((key) => key.startsWith('record-'))).toHaveLength(1);
  });

  test('is not made of a model that was added and unpinned: nobody could fetch it again', async () => {
    const one = (await (await open(createMemoryStore())).fetch('a')).bytes;
    const weights = await open(limited(2.5 * one));
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    await weights.pin(id, false);
    // The added one was never loaded, so it would be the first in turn.
    await weights.fetch('a');
    await weights.fetch('b');
    expect(await complete(weights)).toEqual(['b', id]);
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining('Test a was deleted')]);
  });

  test('is not made of what another tab has just stored and not noted yet', async () => {
    const store = createMemoryStore();
    const { bytes } = await (await open(store)).fetch('a');
    const weights = await open(limited(2.5 * bytes, store));
    const underWay = digestOf(text('under way'));
    await store.set(underWay, new Uint8Array(bytes));
    await weights.fetch('b');
    expect((await store.sizes()).has(underWay)).toBe(true);
    expect(codes()).toEqual(['evicted']);
  });

  test('is missing for a model that is added: the error says so, and no part of the model stays', async () => {
    const store = createMemoryStore();
    const weights = await open(limited(30_000, store));
    const error = await rejectionOf(weights.add(dropped(VAE), { family: 'sdxl' }));
    expect([error.code, error.detail.bytes]).toEqual(['quota', expect.any(Number)]);
    expect(error.message).toMatch(/no room for the \d+ MB of my vae\.safetensors\. Remove or unpin/);
    expect((await weights.status()).map((model) => model.id)).toEqual(['a', 'b', 'c']);
    expect([await storedKeys(store), codes()]).toEqual([[], []]);
  });

  test('is not needed again for a file that is here for another family', async () => {
    const one = (await (await open(createMemoryStore())).add(dropped(VAE), { family: 'sdxl' })).bytes;
    const weights = await open(limited(1.5 * one));
    for (const family of ['sdxl', 'sd15'] as const) {
      expect(await weights.add(dropped(VAE), { family })).toMatchObject({ complete: true });
    }
  });

  test('is given back by clearCache, except for pinned models', async () => {
    const weights = await open();
    await weights.pin('a', true);
    await weights.fetch('b');
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    await weights.clearCache();
    expect(await complete(weights)).toEqual(['a', id]);
    expect(await complete(await open())).toEqual(['a', id]);

    // Nothing is deleted by letting go, but the next clearing takes it.
    await weights.pin('a', false);
    await weights.pin(id, false);
    expect(await complete(weights)).toEqual(['a', id]);
    await weights.clearCache();
    expect((await weights.status()).map((model) => [model.id, model.cachedBytes])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test.each(['clearCache', 'remove'] as const)(
    'is not given back by %s where another tab has pinned or added it',
    async (way) => {
      putCatalog(entry('a', 'someone/a'), entry('twin', 'someone/a'), entry('b', 'someone/b'));
      const [tab, other] = [await open(), await open()];
      await tab.fetch('a');
      await other.pin('twin', true);
      const { id } = await other.add(dropped(VAE), { family: 'sdxl' });
      await (way === 'remove' ? tab.remove('a') : tab.clearCache());
      expect(await complete(await open())).toEqual(['a', 'twin', id]);
    },
  );

  test('is not given back on a guess, when what is pinned could not be read', async () => {
    const store = createMemoryStore();
    let broken = false;
    const flaky = async () => {
      if (broken) throw new DOMException('disk error', 'UnknownError');
      return store.sizes();
    };
    const weights = await open({ ...store, sizes: flaky });
    await weights.pin('a', true);
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    broken = true;
    await weights.status();
    await weights.clearCache();
    broken = false;
    expect(await complete(weights)).toEqual(['a', id]);
    await weights.clearCache();
    expect(await complete(weights)).toEqual(['a', id]);
  });

  test('models of the same file share the download, and go together unless one is pinned', async () => {
    putCatalog(entry('a', 'someone/a'), entry('twin', 'someone/a'));
    const weights = await open();
    await Promise.all([weights.fetch('a'), weights.fetch('twin')]);
    expect(hub.requests(`/someone/a/resolve/${COMMIT}/${FILE}`)).toHaveLength(1);
    await weights.pin('twin', true);
    await weights.remove('a');
    expect(await complete(weights)).toEqual(['a', 'twin']);
    await weights.remove('twin');
    expect(await complete(weights)).toEqual([]);
  });

  test('is not taken by the pin of a model that is removed meanwhile', async () => {
    const store = createMemoryStore();
    let tellForgotten = () => {};
    const forgotten = new Promise<void>((resolve) => {
      tellForgotten = resolve;
    });
    let removal: Promise<void> | undefined;
    const weights = await open({
      ...store,
      set: async (key, bytes) => {
        if (key.startsWith('pin-')) {
          removal ??= weights.remove(decodeURIComponent(key.slice('pin-'.length)));
          await forgotten;
        }
        await store.set(key, bytes);
      },
      delete: async (key) => {
        await store.delete(key);
        if (key.startsWith('added-')) tellForgotten();
      },
    });
    expect((await rejectionOf(weights.add(dropped(VAE), { family: 'sdxl' }))).code).toBe('no-model');
    await removal;
    expect(await storedKeys(store)).toEqual([]);
  });

  test('that fails for another reason leaves no model listed that is not stored', async () => {
    const store = createMemoryStore();
    const broken: WeightsStore = {
      ...store,
      set: async (key, bytes) => {
        if (noteKindOf(key) === undefined) throw new DOMException('disk error', 'UnknownError');
        return store.set(key, bytes);
      },
    };
    const weights = await open(broken);
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    expect(codes()).toEqual(['not-persistent']);
    expect(await statusOf(weights, id)).toMatchObject({ custom: true, pinned: true });
    expect((await load(weights, id)).length).toBeGreaterThan(0);
    expect((await (await open(store)).status()).filter(({ custom }) => custom)).toEqual([]);
  });

  test('is not taken by pins that could not be deleted with their models', async () => {
    const store = createMemoryStore();
    let broken = false;
    const weights = await open({
      ...store,
      delete: async (key) => {
        if (broken && key.startsWith('pin-')) throw new DOMException('disk error', 'UnknownError');
        await store.delete(key);
      },
    });
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    broken = true;
    await weights.remove(id);
    broken = false;
    await weights.clearCache();
    expect(await storedKeys(store)).toEqual([]);
  });

  test('that cannot be given back is an error with a code', async () => {
    const store = createMemoryStore();
    const stuck = async () => {
      throw new DOMException('disk error', 'UnknownError');
    };
    const weights = await open({ ...store, delete: stuck, clear: stuck });
    await weights.fetch('a');
    expect((await rejectionOf(weights.remove('a'))).code).toBe('internal');
    expect((await rejectionOf(weights.clearCache())).code).toBe('internal');
  });

  test('everything works for one visit where nothing can be stored', async () => {
    const weights = await open(createRefusingStore());
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    expect(worstError(await load(weights, id), WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(codes()).toEqual(['not-persistent']);
  });
});
