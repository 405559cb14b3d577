import 'fake-indexeddb/auto';
import { createStore, del, set } from 'idb-keyval';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LeapError } from '../errors';
import { type HubServer, startHub } from '../testing/weights/hub-server';
import { createRefusingStore } from '../testing/weights/refusing-store';
import { makeCatalog, TEST_FILES } from '../testing/weights/small-catalog';
import { openWeights } from './open-weights';
import { createIdbStore } from './store/idb-store';
import { createMemoryStore } from './store/memory-store';
import type { Catalog, CatalogEntry, DownloadProgress, WeightsNotice, WeightsStore } from './types';

const [FLUX1, SDXL] = makeCatalog().models as [CatalogEntry, CatalogEntry];
const TRUNK = TEST_FILES['trunk.bin']!.length;

let hub: HubServer;
let notices: WeightsNotice[];
let database: string;

beforeEach(async () => {
  hub = await startHub();
  hub.put('/catalog.json', new TextEncoder().encode(JSON.stringify(makeCatalog())), 'application/json');
  for (const [name, bytes] of Object.entries(TEST_FILES)) hub.put(`/${name}`, bytes);
  notices = [];
  database = crypto.randomUUID();
});
afterEach(() => hub.close());

const idb = () => createIdbStore({ database, chunkBytes: 64 * 1024 });
const open = (store: WeightsStore = idb()) =>
  openWeights({
    catalogUrl: `${hub.origin}/catalog.json`,
    store,
    onNotice: (notice) => notices.push(notice),
  });
const asked = (name: string) => hub.requests(`/${name}`).length;
const codes = () => notices.map(({ code }) => code);

/** Vitest compares long arrays slowly. */
function expectFiles(loaded: Map<string, Uint8Array>, entry: CatalogEntry): void {
  expect([...loaded.keys()]).toEqual(entry.files.map(({ path }) => path));
  for (const [path, bytes] of loaded) expect(Buffer.compare(bytes, TEST_FILES[path]!)).toBe(0);
}

test('loads the files of a model, with the progress of all of them', async () => {
  const progress: DownloadProgress[] = [];
  const source = await open();
  const loaded = await source.load(source.catalog.models[0]!, { onProgress: (now) => progress.push(now) });
  expectFiles(loaded, FLUX1);
  const total = TRUNK + TEST_FILES['flux1.bin']!.length;
  expect(progress.at(-1)).toMatchObject({ loadedBytes: total, totalBytes: total });
  expect(notices).toEqual([]);
});

test('fetches no weights on the second visit', async () => {
  await (await open()).load(FLUX1);
  hub.forgetRequests();
  expectFiles(await (await open()).load(FLUX1), FLUX1);
  expect([asked('trunk.bin'), asked('flux1.bin')]).toEqual([0, 0]);
});

test('downloads a shared file once for loads at the same time', async () => {
  hub.fail('/trunk.bin', { kind: 'slow', chunk: 20_000, pause: 5 });
  const source = await open();
  const seen: number[] = [];
  const [flux1, sdxl] = await Promise.all([
    source.load(FLUX1),
    source.load(SDXL, { onProgress: ({ loadedBytes }) => seen.push(loadedBytes) }),
  ]);
  expectFiles(flux1, FLUX1);
  expectFiles(sdxl, SDXL);
  expect(asked('trunk.bin')).toBe(1);
  expect(seen.at(-1)).toBe(TRUNK + TEST_FILES['sdxl.bin']!.length);
});

test('tells a load that joins late how far the shared download is', async () => {
  // It stands still then, so no later step could tell.
  hub.failAlways('/trunk.bin', { kind: 'stall', after: 100_000 });
  const source = await open();
  const model = { ...FLUX1, files: FLUX1.files.slice(0, 1) };
  const leave = new AbortController();
  const join = () => {
    const seen: DownloadProgress[] = [];
    const loading = source.load(model, { signal: leave.signal, onProgress: (now) => seen.push(now) });
    const ended = expect(loading).rejects.toMatchObject({ code: 'cancelled' });
    return { seen, ended };
  };
  const first = join();
  await expect.poll(() => first.seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const late = join();
  await expect.poll(() => late.seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(late.seen[0]!.loadedBytes).toBeGreaterThan(0);
  leave.abort();
  await Promise.all([first.ended, late.ended]);
  expect(asked('trunk.bin')).toBe(1);
});

test('cancels one of two loads without hurting the other, and the download with the last', async () => {
  hub.fail('/trunk.bin', { kind: 'slow', chunk: 20_000, pause: 10 }, { kind: 'stall', after: 1000 });
  const source = await open();
  const cancel = new AbortController();
  const cancelled = source.load(FLUX1, { signal: cancel.signal, onProgress: () => cancel.abort() });
  const other = source.load(SDXL);
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expectFiles(await other, SDXL);

  await source.clearCache();
  const alone = source.load(FLUX1, { signal: AbortSignal.timeout(50) });
  await expect(alone).rejects.toMatchObject({ code: 'cancelled' });
  // Nothing is left of it that a new load would wait for.
  expectFiles(await source.load(FLUX1), FLUX1);
  await expect(source.load(FLUX1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('never stores a page or a wrong file', async () => {
  const source = await open();
  hub.fail('/flux1.bin', { kind: 'status', status: 404 }, { kind: 'wrong-byte', at: 7 });
  await expect(source.load(FLUX1)).rejects.toMatchObject({ code: 'download-failed' });
  await expect(source.load(FLUX1)).rejects.toMatchObject({ code: 'hash-mismatch' });
  expect(await idb().has(FLUX1.files[1]!.sha256!)).toBe(false);
  expectFiles(await source.load(FLUX1), FLUX1);
});

test.each([
  ['other bytes', (key: string) => set(`${key}#1`, new Blob([new Uint8Array(64 * 1024)]), raw())],
  ['a missing chunk', (key: string) => del(`${key}#1`, raw())],
])('notices %s in the store and fetches the file again', async (_, damage) => {
  await (await open()).load(FLUX1);
  hub.forgetRequests();
  await damage(FLUX1.files[0]!.sha256!);
  const source = await open();
  expectFiles(await source.load(FLUX1), FLUX1);
  expect(codes()).toEqual(['damaged-entry']);
  expect([asked('trunk.bin'), asked('flux1.bin')]).toEqual([1, 0]);
  expectFiles(await source.load(FLUX1), FLUX1);
  expect(asked('trunk.bin')).toBe(1);
});

test('takes a stored file whose size the catalogue does not say', async () => {
  const [trunk] = FLUX1.files;
  const vague = { ...FLUX1, files: [{ ...trunk!, bytes: 0 }] };
  const store = createMemoryStore();
  await (await open(store)).load(vague);
  hub.forgetRequests();
  expectFiles(await (await open(store)).load(vague), vague);
  expect([codes(), asked('trunk.bin')]).toEqual([[], 0]);
});

const raw = () => createStore(database, 'files');

test('goes on from memory when the store is full', async () => {
  const full = async () => {
    throw new LeapError('quota', 'full');
  };
  const source = await open({ ...createMemoryStore(), set: full });
  await source.load(FLUX1);
  hub.forgetRequests();
  expectFiles(await source.load(FLUX1), FLUX1);
  expect(codes()).toEqual(['quota']);
  expect(asked('trunk.bin')).toBe(0);
  expect((await source.status())[0]).toMatchObject({ cachedBytes: 0 });
});

test('works where nothing can be stored', async () => {
  const source = await open(createRefusingStore());
  expectFiles(await source.load(FLUX1), FLUX1);
  hub.forgetRequests();
  expectFiles(await source.load(FLUX1), FLUX1);
  expect(asked('trunk.bin')).toBe(0);
  expect(codes()).toEqual(['not-persistent']);
  await source.clearCache();
});

test('tells what is stored, and removes a model without breaking another', async () => {
  const source = await open();
  await source.load(FLUX1);
  const [flux1, sdxl] = await source.status();
  const total = TRUNK + TEST_FILES['flux1.bin']!.length;
  expect(flux1).toMatchObject({ id: FLUX1.id, bytes: total, cachedBytes: total });
  expect(sdxl).toMatchObject({ id: SDXL.id, cachedBytes: TRUNK });

  await source.load(SDXL);
  await source.remove(FLUX1.id);
  expect((await source.status()).map(({ cachedBytes }) => cachedBytes)).toEqual([
    TRUNK,
    TRUNK + TEST_FILES['sdxl.bin']!.length,
  ]);
  await source.remove(SDXL.id);
  expect((await source.status()).map(({ cachedBytes }) => cachedBytes)).toEqual([0, 0]);
  await expect(source.remove('none')).rejects.toMatchObject({ code: 'no-model' });

  await source.load(FLUX1);
  await source.clearCache();
  expect((await source.status()).map(({ cachedBytes }) => cachedBytes)).toEqual([0, 0]);
});

test('says what is wrong with a catalogue', async () => {
  hub.put('/catalog.json', new TextEncoder().encode('{"version": 1,'), 'application/json');
  await expect(open()).rejects.toMatchObject({ code: 'damaged-file' });
  hub.failAlways('/catalog.json', { kind: 'page' });
  await expect(open()).rejects.toMatchObject({ code: 'download-failed' });
});

describe('the catalogue', () => {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const put = (bytes: Uint8Array, type = 'application/json') => hub.put('/catalog.json', bytes, type);
  const ids = (weights: { catalog: Catalog }) => weights.catalog.models.map(({ id }) => id);

  test('of a later version is used as far as it is understood', async () => {
    const later = { ...FLUX1, id: 'later', architecture: 'lua-2' };
    put(json({ version: 1, models: [later, ...makeCatalog().models], colour: 'red' }));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(ids(await open())).toEqual([FLUX1.id, SDXL.id]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('models[0].architecture'));
    warn.mockRestore();
    expect(codes()).toEqual([]);
  });

  test.each([
    ['a web page', new TextEncoder().encode('<!doctype html><h1>Sign in</h1>'), 'text/html'],
    ['a web page that is called JSON', new TextEncoder().encode('<!doctype html>'), 'application/json'],
    ['half of it', json(makeCatalog()).subarray(0, 500), 'application/json'],
    ['nothing', new Uint8Array(), 'application/json'],
    ['another JSON', json({ message: 'Not found' }), 'application/json'],
    ['a version that is not known', json({ version: 2, models: [] }), 'application/json'],
    ['nothing that is understood', json({ version: 1, models: [{}] }), 'application/json'],
  ])('of the last visit is used when %s comes instead', async (_, bytes, type) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(ids(await open())).toEqual([FLUX1.id, SDXL.id]);
    put(bytes, type);
    const weights = await open();
    expect(ids(weights)).toEqual([FLUX1.id, SDXL.id]);
    expect(codes()).toEqual(['old-catalog']);
    // What came instead was not kept.
    notices = [];
    expect(ids(await open())).toEqual([FLUX1.id, SDXL.id]);
    vi.restoreAllMocks();
  });

  test('of the last visit is used without a network', async () => {
    await (await open()).load(FLUX1);
    hub.failAlways('/catalog.json', { kind: 'status', status: 503 });
    expectFiles(await (await open()).load(FLUX1), FLUX1);
    expect(codes()).toEqual(['old-catalog']);
  });

  test('is replaced by the next one that is understood', async () => {
    await open();
    put(json({ version: 1, models: [SDXL] }));
    expect(ids(await open())).toEqual([SDXL.id]);
    put(new Uint8Array());
    expect(ids(await open())).toEqual([SDXL.id]);
  });

  test('that never came is an error', async () => {
    put(new TextEncoder().encode('<!doctype html>'), 'text/html');
    await expect(open()).rejects.toMatchObject({ code: 'download-failed' });
    await expect(open(createRefusingStore())).rejects.toMatchObject({ code: 'download-failed' });
  });
});
