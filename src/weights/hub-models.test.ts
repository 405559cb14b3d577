import 'fake-indexeddb/auto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readSafetensorsHeader, readTensorFile } from '../formats';
import { enlargerFacts, ONNX_TENSOR } from '../graph';
import { checkpoint } from '../testing/engine/checkpoint-engine';
import { rejectionOf } from '../testing/error-of';
import { writeOnnxEnlarger } from '../testing/graph/onnx-enlarger-file';
import { sdLatentUpscalerShapes } from '../testing/graph/upscaler-shapes';
import { COMMIT, FILE, makeVae, REPO, vaeFile, worstError } from '../testing/weights/hub-checkpoint';
import {
  codes,
  content,
  dropped,
  entry,
  hub,
  idb,
  load,
  open,
  putCatalog,
  statusOf,
  storedKeys,
} from '../testing/weights/managed-hub';
import { VAE, WANTED } from '../testing/weights/vae-hub';
import { createMemoryStore } from './store/memory-store';
import type { CatalogEntry } from './types';

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
    hub.fail(
      hub.putModel({ repo: REPO, path: FILE, bytes: big, commit: COMMIT }),
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
