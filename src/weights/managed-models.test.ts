import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HubServer, startHub } from '../../e2e/hub-server';
import { LeapError } from '../errors';
import { recogniseCheckpoint } from '../graph';
import { createIdbStore } from './idb-store';
import { createMemoryStore } from './memory-store';
import { type OpenWeightsOptions, openWeights } from './open-weights';
import type { Recognise } from './recognise';
import {
  COMMIT,
  digestOf,
  FILE,
  KEEP,
  makeVae,
  REPO,
  readBack,
  vaeFile,
  worstError,
} from './test-checkpoint';
import { createRefusingStore } from './test-store';
import type { Catalog, CatalogEntry, ManagedWeights, WeightsNotice, WeightsStore } from './types';

const TENSORS = makeVae();
const VAE = vaeFile(TENSORS);
const DECODER = TENSORS.filter(({ name }) => KEEP.some((prefix) => name.startsWith(prefix)));

let hub: HubServer;
let content: string;
let notices: WeightsNotice[];
let database: string;

beforeEach(async () => {
  hub = await startHub();
  content = hub.putModel({ repo: REPO, path: FILE, bytes: VAE, commit: COMMIT });
  putCatalog(entry('vae'));
  notices = [];
  database = crypto.randomUUID();
});
afterEach(() => hub.close());

function putCatalog(...models: CatalogEntry[]): void {
  const catalog: Catalog = { version: 1, models };
  hub.put('/catalog.json', new TextEncoder().encode(JSON.stringify(catalog)), 'application/json');
}

function entry(id: string, repo = REPO, part: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    id,
    kind: 'decoder',
    architecture: 'kl-decoder',
    label: `Test ${id}`,
    family: 'sdxl',
    space: 'decoder',
    files: [{ path: `${hub.origin}/${repo}/resolve/main/${FILE}`, bytes: 0, keep: KEEP }],
    embedded: false,
    licence: 'none',
    source: 'made for a test',
    page: `${hub.origin}/${repo}`,
    graphs: [],
    ...part,
  };
}

const idb = () => createIdbStore({ database, chunkBytes: 256 * 1024 });
const open = (store: WeightsStore = idb(), options: Partial<OpenWeightsOptions> = {}) =>
  openWeights({
    catalogUrl: `${hub.origin}/catalog.json`,
    store,
    recognise: recogniseCheckpoint,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
const statusOf = async (weights: ManagedWeights, id: string) =>
  (await weights.status()).find((model) => model.id === id)!;
const load = async (weights: ManagedWeights, id: string) => {
  const model = weights.catalog.models.find((one) => one.id === id)!;
  return (await weights.load(model)).get(model.files[0]!.path)!;
};
const fail = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('It was done.'),
    (thrown) => thrown as LeapError,
  );
const codes = () => notices.map(({ code }) => code);
const dropped = (bytes: Uint8Array, name = 'my vae.safetensors') => new File([new Uint8Array(bytes)], name);

describe('a model of the hub', () => {
  test('is fetched ahead, known with its commit on the next visit, and loaded without the network', async () => {
    const weights = await open();
    expect(await statusOf(weights, 'vae')).toMatchObject({ bytes: 0, cachedBytes: 0, complete: false });
    const status = await weights.fetch('vae');
    expect(status).toMatchObject({ complete: true, revision: COMMIT, custom: false, pinned: false });
    expect(status.bytes).toBe(status.cachedBytes);

    hub.forgetRequests();
    const again = await open();
    expect(await statusOf(again, 'vae')).toEqual(status);
    expect(worstError(await load(again, 'vae'), DECODER)).toBeLessThanOrEqual(2 ** -11);
    expect(hub.requests(content)).toEqual([]);
  });

  test('is fetched anew for another revision of the catalogue', async () => {
    await (await open()).fetch('vae');
    const pinned = entry('vae');
    pinned.files[0]!.path = pinned.files[0]!.path.replace('/main/', `/${COMMIT}/`);
    putCatalog(pinned);
    const weights = await open();
    expect(await statusOf(weights, 'vae')).toMatchObject({ cachedBytes: 0, revision: COMMIT });
  });

  test('is noticed when its stored copy is damaged, and fetched again', async () => {
    const store = createMemoryStore();
    await (await open(store)).fetch('vae');
    const key = [...(await store.sizes()).keys()].find((name) => /^[0-9a-f]{64}$/.test(name))!;
    const bytes = (await store.get(key))!.slice();
    bytes[bytes.length - 1]! ^= 1;
    await store.set(key, bytes);
    const weights = await open(store);
    expect(worstError(await load(weights, 'vae'), DECODER)).toBeLessThanOrEqual(2 ** -11);
    expect(codes()).toEqual(['damaged-entry']);
  });

  test('is refused when its file holds another network, and nothing of it is stored', async () => {
    putCatalog(
      entry('vae', REPO, { architecture: 'taesd-decoder' }),
      entry('flux', REPO, { family: 'flux1' }),
    );
    const store = createMemoryStore();
    const weights = await open(store);
    expect((await fail(weights.fetch('vae'))).code).toBe('bad-weights');
    expect((await fail(weights.fetch('flux'))).code).toBe('bad-weights');
    expect([...(await store.sizes()).keys()]).toEqual([]);
    const blind = await openWeights({ catalogUrl: `${hub.origin}/catalog.json`, store });
    expect((await fail(blind.fetch('vae'))).code).toBe('bad-weights');
  });

  test('that is gated says where its licence is accepted, also where the browser hides the answer', async () => {
    putCatalog(entry('vae', 'someone/gated', { gated: true }));
    hub.putModel({ repo: 'someone/gated', path: FILE, bytes: VAE, commit: COMMIT, gated: true });
    const { code, detail } = await fail((await open()).fetch('vae'));
    expect([code, detail.page]).toEqual(['gated', `${hub.origin}/someone/gated`]);
    const blocked: typeof fetch = (input, init) =>
      String(input).includes('/resolve/') ? Promise.reject(new TypeError('CORS')) : fetch(input, init);
    expect((await fail((await open(idb(), { fetch: blocked })).fetch('vae'))).code).toBe('gated');
  }, 20_000);

  test('in a torch file is fetched whole and kept as it is', async () => {
    const torch = new Uint8Array(
      await readFile(new URL('../formats/__fixtures__/state-dict.pt', import.meta.url)),
    );
    const address = hub.putModel({ repo: REPO, path: 'lua.pth', bytes: torch, commit: COMMIT });
    const path = `${hub.origin}/${REPO}/resolve/main/lua.pth`;
    const lua = { kind: 'lua', architecture: 'lua', scales: [2] } as const;
    const files: CatalogEntry['files'] = [{ path, bytes: 0, container: 'torch-zip' }];
    putCatalog(entry('lua', REPO, { ...lua, scales: [2], files }));
    let seen: string[] = [];
    const recognise: Recognise = (tensors) => {
      seen = tensors.map(({ name }) => name);
      return [{ ...lua, scales: [2, 4], channels: 4, families: ['sdxl'], space: 'decoder', keep: [''] }];
    };
    const weights = await open(idb(), { recognise });
    hub.fail(address, { kind: 'wrong-byte', at: 100 });
    // The hub's listing has its hash.
    expect((await fail(weights.fetch('lua'))).code).toBe('hash-mismatch');
    expect(Buffer.compare(await load(weights, 'lua'), torch)).toBe(0);
    expect(seen.length).toBeGreaterThan(0);
    expect(await statusOf(weights, 'lua')).toMatchObject({ revision: COMMIT, bytes: torch.length });

    // Dropped, it is kept too, and nothing of a LUA is rounded.
    const { id } = await weights.add(dropped(torch, 'lua.pth'), { family: 'sdxl' });
    const stored = readBack(await load(weights, id));
    for (const { name, dtype, values } of readBack(torch).values()) {
      expect(stored.get(name)).toMatchObject({ dtype, values });
    }
  });

  test('goes on after the page was left', async () => {
    const big = vaeFile(makeVae({ wide: true }));
    content = hub.putModel({ repo: REPO, path: FILE, bytes: big, commit: COMMIT });
    hub.fail(
      content,
      { kind: 'slow', chunk: 1 << 20, pause: 0 },
      { kind: 'slow', chunk: 1 << 20, pause: 10 },
    );
    const leave = new AbortController();
    const first = (await open()).fetch('vae', {
      signal: leave.signal,
      onProgress: ({ loadedBytes, totalBytes }) => loadedBytes > totalBytes * 0.75 && leave.abort(),
    });
    expect((await fail(first)).code).toBe('cancelled');
    expect(await statusOf(await open(), 'vae')).toMatchObject({ complete: false });
    const loaded: number[] = [];
    await (await open()).fetch('vae', {
      onProgress: ({ loadedBytes, totalBytes }) => loaded.push(loadedBytes / totalBytes),
    });
    expect(loaded[0]).toBeGreaterThan(0.3);
    const left = [...(await idb().sizes()).keys()].filter((key) => key.startsWith('part-'));
    expect(left).toEqual([]);
  }, 60_000);
});

describe('a model that is added', () => {
  test('from a file: its decoder is kept, as halves, for this visit and the next', async () => {
    const weights = await open();
    const status = await weights.add(dropped(VAE), { family: 'sd15' });
    const { id } = status;
    expect(id).toMatch(/^custom-decoder-[0-9a-f]{8}$/);
    expect(status).toMatchObject({
      kind: 'decoder',
      architecture: 'kl-decoder',
      family: 'sd15',
      space: 'decoder',
      label: 'my vae.safetensors',
      custom: true,
      pinned: true,
      complete: true,
    });
    const again = await open();
    expect(await statusOf(again, id)).toEqual(status);
    const bytes = await load(again, id);
    expect([...readBack(bytes).keys()].toSorted()).toEqual(DECODER.map(({ name }) => name).toSorted());
    expect(worstError(bytes, DECODER)).toBeLessThanOrEqual(2 ** -11);
    expect(id).toBe(`custom-decoder-${digestOf(bytes).slice(0, 8)}`);

    await again.remove(id);
    expect(await statusOf(await open(), id)).toBeUndefined();
    expect([...(await idb().sizes()).keys()]).toEqual([]);
  });

  test('from a file: its encoder where that is wanted, and the original layout too', async () => {
    const original = makeVae({ original: true });
    const weights = await open();
    const { id } = await weights.add(dropped(vaeFile(original)), {
      family: 'sdxl',
      kind: 'encoder',
      label: 'mine',
    });
    expect(await statusOf(weights, id)).toMatchObject({ architecture: 'kl-encoder', label: 'mine' });
    const wanted = original.filter(({ name }) => /^(encoder|quant_conv)\./.test(name));
    expect(worstError(await load(weights, id), wanted)).toBeLessThanOrEqual(2 ** -11);
  });

  test('from an address: by Range, from the commit that its branch stands at', async () => {
    const weights = await open();
    const page = `${hub.origin}/${REPO}/blob/main/${FILE}`;
    const status = await weights.add(page, { family: 'sdxl' });
    expect(status).toMatchObject({
      label: 'model.safetensors',
      page: `${hub.origin}/${REPO}`,
      source: `${hub.origin}/${REPO}/resolve/${COMMIT}/${FILE}`,
    });
    expect(worstError(await load(weights, status.id), DECODER)).toBeLessThanOrEqual(2 ** -11);
    expect(hub.requests(content).every(({ range }) => range)).toBe(true);
  });

  test('is the same when it is added twice', async () => {
    const weights = await open();
    await weights.add(dropped(VAE), { family: 'sd15' });
    await weights.add(dropped(VAE, 'again'), { family: 'sdxl' });
    const custom = (await weights.status()).filter((model) => model.custom);
    expect(custom).toMatchObject([{ family: 'sdxl', label: 'again' }]);
  });

  test.each([
    ['a page', () => new TextEncoder().encode('<!doctype html><script>alert(1)</script>'), 'damaged-file'],
    ['nothing', () => new Uint8Array(), 'damaged-file'],
    ['half a file', () => VAE.subarray(0, VAE.length / 2), 'damaged-file'],
    ['a LoRA', () => vaeFile([{ ...TENSORS[0]!, name: 'unet.lora_down.weight' }]), 'unsupported'],
    ['a zip of something else', () => new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'unknown-format'],
  ])('is refused when it is %s, and nothing is stored', async (_, make, code) => {
    const error = await fail((await open()).add(dropped(make()), { family: 'sdxl' }));
    expect(error.code).toBe(code);
    expect([...(await idb().sizes()).keys()]).toEqual([]);
  });

  test('is refused for a family with other channels, naming those that fit', async () => {
    const error = await fail((await open()).add(dropped(VAE), { family: 'flux1' }));
    expect([error.code, error.detail.families]).toEqual(['bad-option', ['sd15', 'sdxl']]);
    expect((await fail((await open()).add(dropped(VAE), { family: 'sdxl', kind: 'lua' }))).code).toBe(
      'unsupported',
    );
  });

  test('is refused from a host that is not on the list', async () => {
    const error = await fail((await open()).add('https://example.net/a.safetensors', { family: 'sdxl' }));
    expect(error.code).toBe('forbidden-address');
  });

  test('executes nothing of a pickle', async () => {
    const code = new Uint8Array(await readFile(new URL('../formats/__fixtures__/code.pt', import.meta.url)));
    const error = await fail((await open()).add(dropped(code, 'model.pth'), { family: 'sdxl' }));
    expect([error.code, error.message]).toEqual([
      'unsupported',
      expect.stringContaining('list of safe ones'),
    ]);
  });
});

describe('room', () => {
  /** Fails as a browser does when there would be more than `limit` bytes. */
  function limited(limit: number): WeightsStore {
    const store = createMemoryStore();
    return {
      ...store,
      async set(key, bytes) {
        const used = [...(await store.sizes()).values()].reduce((sum, size) => sum + size, 0);
        if (used + bytes.length > limit) throw new LeapError('quota', 'full');
        await store.set(key, bytes);
      },
    };
  }

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
    expect((await fail(weights.pin('b', true))).code).toBe('quota');
    expect(await statusOf(weights, 'b')).toMatchObject({ pinned: false });
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
    expect([...(await idb().sizes()).keys()]).toEqual([]);
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

  test('everything works for one visit where nothing can be stored', async () => {
    const weights = await open(createRefusingStore());
    const { id } = await weights.add(dropped(VAE), { family: 'sdxl' });
    expect(worstError(await load(weights, id), DECODER)).toBeLessThanOrEqual(2 ** -11);
    expect(codes()).toEqual(['not-persistent']);
  });
});
