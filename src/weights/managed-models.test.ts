import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeapError } from '../errors';
import { readSafetensorsHeader, readTensorFile } from '../formats';
import { enlargerFacts, ONNX_TENSOR } from '../graph';
import { checkpoint } from '../testing/engine/checkpoint-engine';
import { rejectionOf } from '../testing/error-of';
import { writeOnnxEnlarger } from '../testing/graph/onnx-enlarger-file';
import { sdLatentUpscalerShapes } from '../testing/graph/upscaler-shapes';
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
} from '../testing/weights/hub-checkpoint';
import type { HubServer } from '../testing/weights/hub-server';
import { createRefusingStore } from '../testing/weights/refusing-store';
import { startVaeHub, TENSORS, VAE, WANTED } from '../testing/weights/vae-hub';
import { openWeights } from './open-weights';
import type { OpenWeightsOptions } from './open-weights-options';
import { fileKey } from './store/file-key';
import { createIdbStore } from './store/idb-store';
import { createMemoryStore } from './store/memory-store';
import { noteKindOf } from './store/store-keys';
import type { Catalog, CatalogEntry, ManagedWeights, WeightsNotice, WeightsStore } from './types';

let hub: HubServer;
let content: string;
let notices: WeightsNotice[];
let database: string;

beforeEach(async () => {
  ({ hub, content } = await startVaeHub());
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
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
/** Keys of the store, without that of the kept catalogue. */
const storedKeys = async (store: WeightsStore) =>
  [...(await store.sizes()).keys()].filter((key) => noteKindOf(key) !== 'catalog');
const statusOf = async (weights: ManagedWeights, id: string) =>
  (await weights.status()).find((model) => model.id === id)!;
const load = async (weights: ManagedWeights, id: string) => {
  const model = weights.catalog.models.find((one) => one.id === id)!;
  return (await weights.load(model)).get(model.files[0]!.path)!;
};
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
    expect(worstError(await load(again, 'vae'), WANTED)).toBeLessThanOrEqual(2 ** -11);
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

  test('has another version once it was fetched again and is another file, and only then', async () => {
    const weights = await open();
    const [model] = weights.catalog.models;
    expect(weights.version(model!)).toBeUndefined();
    await weights.fetch('vae');
    const version = weights.version(model!);
    expect(version).toBeDefined();
    const other = await open();
    expect(other.version(model!)).toBe(version);

    const changed = vaeFile(makeVae({ seed: 'changed' }));
    hub.putModel({ repo: REPO, path: FILE, bytes: changed, commit: 'beef'.padEnd(40, '0') });
    await weights.fetch('vae');
    expect(weights.version(model!)).toBe(version);
    await weights.remove('vae');
    expect(weights.version(model!)).toBeUndefined();
    await weights.fetch('vae');
    expect(weights.version(model!)).not.toBe(version);
    // Another worker's, which goes on with what it has until it looks.
    await other.refresh();
    expect(other.version(model!)).toBe(weights.version(model!));
  });

  test('is noticed when its stored copy is damaged, and fetched again', async () => {
    const store = createMemoryStore();
    await (await open(store)).fetch('vae');
    const key = (await storedKeys(store)).find((name) => /^[0-9a-f]{64}$/.test(name))!;
    const bytes = (await store.get(key))!.slice();
    bytes[bytes.length - 1]! ^= 1;
    await store.set(key, bytes);
    const weights = await open(store);
    expect(worstError(await load(weights, 'vae'), WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(codes()).toEqual(['damaged-entry']);
  });

  test('is refused when its file holds another network, and nothing of it is stored', async () => {
    putCatalog(
      entry('vae', REPO, { architecture: 'taesd-decoder' }),
      entry('flux', REPO, { family: 'flux1' }),
    );
    const store = createMemoryStore();
    const weights = await open(store);
    expect((await rejectionOf(weights.fetch('vae'))).code).toBe('bad-weights');
    expect((await rejectionOf(weights.fetch('flux'))).code).toBe('bad-weights');
    expect(await storedKeys(store)).toEqual([]);
  });

  test('that is gated says where its licence is accepted, also where the browser hides the answer', async () => {
    putCatalog(entry('vae', 'someone/gated', { gated: true }));
    hub.putModel({ repo: 'someone/gated', path: FILE, bytes: VAE, commit: COMMIT, gated: true });
    const { code, detail } = await rejectionOf((await open()).fetch('vae'));
    expect([code, detail.page]).toEqual(['gated', `${hub.origin}/someone/gated`]);
    const blocked: typeof fetch = (input, init) =>
      String(input).includes('/resolve/') ? Promise.reject(new TypeError('CORS')) : fetch(input, init);
    expect((await rejectionOf((await open(idb(), { fetch: blocked })).fetch('vae'))).code).toBe('gated');
  }, 20_000);

  test('in a torch file is fetched whole and kept as it is', async () => {
    const torch = new Uint8Array(
      await readFile(new URL('../engine/__fixtures__/lua-authors.pth', import.meta.url)),
    );
    const address = hub.putModel({ repo: REPO, path: 'lua.pth', bytes: torch, commit: COMMIT });
    const path = `${hub.origin}/${REPO}/resolve/main/lua.pth`;
    const lua = { kind: 'lua', architecture: 'lua', scales: [2] } as const;
    const files: CatalogEntry['files'] = [{ path, bytes: 0, container: 'torch-zip' }];
    putCatalog(entry('lua', REPO, { ...lua, scales: [2], files }));
    const weights = await open();
    hub.fail(address, { kind: 'wrong-byte', at: 100 });
    // The hub's listing has its hash.
    expect((await rejectionOf(weights.fetch('lua'))).code).toBe('hash-mismatch');
    expect(Buffer.compare(await load(weights, 'lua'), torch)).toBe(0);
    expect(await statusOf(weights, 'lua')).toMatchObject({ revision: COMMIT, bytes: torch.length });

    // Dropped, it is kept too, and nothing of a LUA is rounded.
    const { id } = await weights.add(dropped(torch, 'lua.pth'), { family: 'sdxl' });
    const stored = readTensorFile(await load(weights, id)).tensors;
    const { tensors } = readTensorFile(torch);
    expect(stored).toHaveLength(tensors.length);
    for (const { name, dtype, bytes } of stored) {
      const same = tensors.find((tensor) => tensor.name === name)!;
      expect([name, dtype, Buffer.compare(bytes, same.bytes)]).toEqual([name, same.dtype, 0]);
    }
  });

  test('an upscaler of pictures is kept with what was found out about it', async () => {
    const onnx = writeOnnxEnlarger({ scale: 2 });
    hub.putModel({ repo: REPO, path: 'onnx/model.onnx', bytes: onnx, commit: COMMIT });
    const path = `${hub.origin}/${REPO}/resolve/${COMMIT}/onnx/model.onnx`;
    const files: CatalogEntry['files'] = [{ path, bytes: 0, container: 'onnx' }];
    const enlarger = { kind: 'enlarger', architecture: 'onnx-enlarger', files } as const;
    const part = { ...enlarger, files, scales: [2] };
    putCatalog(entry('sr', REPO, part), entry('vae'));
    const weights = await open();
    const stored = await load(weights, 'sr');
    const header = readSafetensorsHeader(stored, stored.length);
    expect(enlargerFacts([{ path: 'sr', header }])).toMatchObject({ input: 'picture', output: 'large' });
    const { begin, end } = header.entries.get(ONNX_TENSOR)!;
    const model = stored.subarray(begin, end);
    expect(Buffer.compare(model, onnx)).toBe(0);
    // Another kind of file at its address is refused, and so is a factor that the file cannot have.
    hub.putModel({ repo: REPO, path: 'onnx/model.onnx', bytes: VAE, commit: COMMIT });
    await weights.remove('sr');
    expect((await rejectionOf(weights.fetch('sr'))).code).toBe('bad-weights');
    hub.putModel({
      repo: REPO,
      path: 'onnx/model.onnx',
      bytes: writeOnnxEnlarger({ scale: 4, edge: 64 }),
      commit: COMMIT,
    });
    expect((await rejectionOf(weights.fetch('sr'))).code).toBe('bad-weights');
  });

  test('a latent upscaler of the hub is kept as it is, as one that is dropped', async () => {
    const file = checkpoint(sdLatentUpscalerShapes({ width: 8 }));
    hub.putModel({ repo: REPO, path: 'sd.safetensors', bytes: file, commit: COMMIT });
    const path = `${hub.origin}/${REPO}/resolve/main/sd.safetensors`;
    const lua = { kind: 'lua', architecture: 'sd-latent-upscaler', scales: [2] } as const;
    putCatalog(entry('sd', REPO, { ...lua, scales: [2], files: [{ path, bytes: 0 }] }));
    const stored = readTensorFile(await load(await open(), 'sd')).tensors;
    expect(new Set(stored.map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
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
    expect((await rejectionOf(first)).code).toBe('cancelled');
    expect(await statusOf(await open(), 'vae')).toMatchObject({ complete: false });
    const loaded: number[] = [];
    await (await open()).fetch('vae', {
      onProgress: ({ loadedBytes, totalBytes }) => loaded.push(loadedBytes / totalBytes),
    });
    expect(loaded[0]).toBeGreaterThan(0.3);
    const left = (await storedKeys(idb())).filter((key) => key.startsWith('part-'));
    expect(left).toEqual([]);
  }, 60_000);
});

describe('a model that is added', () => {
  test('from a file: its decoder is kept, as halves, for this visit and the next', async () => {
    const weights = await open();
    const status = await weights.add(dropped(VAE), { family: 'sd15' });
    const { id } = status;
    expect(id).toMatch(/^custom-decoder-[0-9a-f]{8}-sd15$/);
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
    expect([...readBack(bytes).keys()].toSorted()).toEqual(WANTED.map(({ name }) => name).toSorted());
    expect(worstError(bytes, WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(id).toBe(`custom-decoder-${digestOf(bytes).slice(0, 8)}-sd15`);

    await again.remove(id);
    expect(await statusOf(await open(), id)).toBeUndefined();
    expect(await storedKeys(idb())).toEqual([]);
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
    expect(worstError(await load(weights, status.id), WANTED)).toBeLessThanOrEqual(2 ** -11);
    expect(hub.requests(content).every(({ range }) => range)).toBe(true);
  });

  test('is the same when it is added twice, under the id of an earlier version too', async () => {
    const store = createMemoryStore();
    const { id } = await (await open(store)).add(dropped(VAE), { family: 'sdxl' });
    // Earlier versions left the family out.
    const earlier = id.replace('-sdxl', '');
    for (const note of ['added', 'pin']) {
      const text = new TextDecoder().decode(await store.get(`${note}-${id}`));
      await store.delete(`${note}-${id}`);
      await store.set(`${note}-${earlier}`, new TextEncoder().encode(text.replace(id, earlier)));
    }
    const weights = await open(store);
    expect(worstError(await load(weights, earlier), WANTED)).toBeLessThanOrEqual(2 ** -11);
    await weights.add(dropped(VAE, 'again'), { family: 'sdxl' });
    const custom = (await weights.status()).filter((model) => model.custom);
    expect(custom).toMatchObject([{ id: earlier, family: 'sdxl', label: 'again', pinned: true }]);
  });

  test('is there for each family that it was added for, of one stored copy', async () => {
    const weights = await open();
    const one = await weights.add(dropped(VAE), { family: 'sd15' });
    const other = await weights.add(dropped(VAE), { family: 'sdxl' });
    const custom = async () => (await weights.status()).filter((model) => model.custom);
    expect((await custom()).map(({ id, family }) => [id, family])).toEqual([
      [one.id, 'sd15'],
      [other.id, 'sdxl'],
    ]);
    expect((await storedKeys(idb())).filter((key) => /^[0-9a-f]{64}$/.test(key))).toHaveLength(1);
    // What was let go of is not deleted along with the other.
    await weights.pin(other.id, false);
    await weights.remove(one.id);
    expect(await custom()).toMatchObject([{ id: other.id, complete: true }]);
    await weights.remove(other.id);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test.each([
    ['a page', () => new TextEncoder().encode('<!doctype html><script>alert(1)</script>'), 'unknown-format'],
    ['nothing', () => new Uint8Array(), 'damaged-file'],
    ['half a file', () => VAE.subarray(0, VAE.length / 2), 'damaged-file'],
    ['a LoRA', () => vaeFile([{ ...TENSORS[0]!, name: 'unet.lora_down.weight' }]), 'unsupported'],
    ['a zip of something else', () => new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 'unknown-format'],
  ])('is refused when it is %s, and nothing is stored', async (_, make, code) => {
    const error = await rejectionOf((await open()).add(dropped(make()), { family: 'sdxl' }));
    expect(error.code).toBe(code);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test.each([
    [
      'one of its tensors',
      () => TENSORS.filter(({ name }) => name !== 'decoder.conv_in.bias'),
      'conv_in.bias',
    ],
    [
      'the shape of one of them',
      () => TENSORS.map((one) => (one.name === 'decoder.conv_out.bias' ? { ...one, shape: [3, 1] } : one)),
      'conv_out.bias',
    ],
  ])('is refused before it is read when %s is wrong', async (_, make, says) => {
    const weights = await open();
    const progress: unknown[] = [];
    const broken = dropped(vaeFile(make()));
    const error = await rejectionOf(
      weights.add(broken, { family: 'sdxl' }, { onProgress: (now) => progress.push(now) }),
    );
    expect([error.code, error.message]).toEqual(['bad-weights', expect.stringContaining(says)]);
    expect(progress).toEqual([]);
    expect(await storedKeys(idb())).toEqual([]);
  });

  test('has the factor that its file does not tell from the person, or from its name', async () => {
    const weights = await open();
    const file = (name: string) => dropped(checkpoint(sdLatentUpscalerShapes({ width: 8 })), name);
    const asked = await rejectionOf(weights.add(file('upscaler.safetensors'), { family: 'sdxl' }));
    expect(asked).toMatchObject({ code: 'bad-option', detail: { scales: [1.25, 1.5, 2] } });
    const told = await weights.add(file('upscaler.safetensors'), { family: 'sdxl', scale: 1.25 });
    expect(told).toMatchObject({ kind: 'lua', architecture: 'sd-latent-upscaler', scales: [1.25] });
    const named = await weights.add(file('latent-upscaler-v2.1_SDv1-x1.5.safetensors'), { family: 'sd15' });
    expect(named.scales).toEqual([1.5]);
  });

  test('is refused for a family with other channels, naming those that fit', async () => {
    const error = await rejectionOf((await open()).add(dropped(VAE), { family: 'flux1' }));
    expect([error.code, error.detail.families]).toEqual(['bad-option', ['sd15', 'sdxl']]);
    expect((await rejectionOf((await open()).add(dropped(VAE), { family: 'sdxl', kind: 'lua' }))).code).toBe(
      'unsupported',
    );
  });

  test('is refused from a host that is not on the list', async () => {
    const error = await rejectionOf(
      (await open()).add('https://example.net/a.safetensors', { family: 'sdxl' }),
    );
    expect(error.code).toBe('forbidden-address');
  });

  test('executes nothing of a pickle', async () => {
    const code = new Uint8Array(await readFile(new URL('../formats/__fixtures__/code.pt', import.meta.url)));
    const error = await rejectionOf((await open()).add(dropped(code, 'model.pth'), { family: 'sdxl' }));
    // The code in it is passed over, and what is left is a latent.
    expect([error.code, error.message]).toEqual([
      'unsupported',
      expect.stringContaining('holds no network of a known kind'),
    ]);
  });
});

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

  test('is said to be missing for a model that is added, of which nothing is left then', async () => {
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
    let removal: Promise<void> | undefined;
    const weights = await open({
      ...store,
      set: async (key, bytes) => {
        if (key.startsWith('pin-')) removal ??= weights.remove(decodeURIComponent(key.slice('pin-'.length)));
        await removal;
        await store.set(key, bytes);
      },
    });
    expect((await rejectionOf(weights.add(dropped(VAE), { family: 'sdxl' }))).code).toBe('no-model');
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
