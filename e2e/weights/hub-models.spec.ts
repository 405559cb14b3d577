import { expect, type Page, test } from '@playwright/test';
import { digestOf } from '../../src/testing/digest-of';
import { COMMIT, FILE, KEEP, makeVae, REPO, vaeFile } from '../../src/testing/weights/hub-checkpoint';
import type { HubServer } from '../../src/testing/weights/hub-server';
import { startVaeHub, VAE } from '../../src/testing/weights/vae-hub';
import type { CatalogEntry, CatalogFile } from '../../src/weights/types';
import { bundleWeights, openSite, putCatalog, visit } from '../support/weights-site';

/**
 * Models of a hub in a real browser: its rules about other origins, its IndexedDB, its quota. The hub redirects to a
 * content server of another origin, as the real one does.
 */

/** Decoder of some 30 MB as float32, for tests of what is kept when the page is left. */
const WIDE = vaeFile(makeVae({ wide: true }));
let script: Uint8Array;
let site: HubServer;
let hub: HubServer;
/** The VAE's address, and the path to which the hub redirects. */
let link: string;
let content: string;

test.beforeAll(async () => {
  script = await bundleWeights();
});

test.beforeEach(async ({ page }) => {
  ({ hub, content, link } = await startVaeHub());
  site = await openSite(script, { version: 1, models: [entry()] });
  await visit(page, site);
});

test.afterEach(() => Promise.all([site.close(), hub.close()]));

function entry(file: Partial<CatalogFile> = {}, part: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    id: 'vae',
    kind: 'decoder',
    architecture: 'kl-decoder',
    label: 'Test',
    family: 'sdxl',
    space: 'decoder',
    files: [{ path: link, bytes: 0, keep: KEEP, ...file }],
    embedded: false,
    licence: 'none',
    source: 'made for a test',
    page: `${hub.origin}/${REPO}`,
    graphs: [],
    ...part,
  };
}

interface Outcome {
  /** The code of the error. */
  code?: string;
  message?: string;
  complete?: boolean;
  revision?: string | undefined;
  /** Bytes of what `load` gives. */
  bytes?: number;
  notices?: string[];
  /** Part that was there when the download began to report. */
  began?: number | undefined;
}

/** Opens the room in the page, fetches a model and loads it. */
function get(page: Page, id = 'vae', { leaveAt = 2 } = {}): Promise<Outcome> {
  return page.evaluate(
    async ([wanted, limit]): Promise<Outcome> => {
      const { createIdbStore, openWeights } = window.weights;
      const notices: string[] = [];
      const leave = new AbortController();
      let began: number | undefined;
      try {
        const source = await openWeights({
          catalogUrl: `${location.origin}/catalog.json`,
          store: createIdbStore({ chunkBytes: 1_000_000 }),
          onNotice: ({ code }) => notices.push(code),
        });
        const { complete, revision } = await source.fetch(wanted, {
          signal: leave.signal,
          onProgress: ({ loadedBytes, totalBytes }) => {
            began ??= loadedBytes / totalBytes;
            if (loadedBytes > limit * totalBytes) leave.abort();
          },
        });
        const files = await source.load(source.catalog.models.find((model) => model.id === wanted)!);
        const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
        return { complete, bytes, notices, revision, began };
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { code, message };
      }
    },
    [id, leaveAt] as const,
  );
}

test('fetches parts across origins without a preflight, and nothing on the second visit', async ({
  page,
}) => {
  const first = await get(page);
  expect(first).toMatchObject({ complete: true, revision: COMMIT, notices: [] });
  const requests = hub.requests(content);
  expect(requests.map(({ method, status }) => [method, status])).toEqual([['GET', 200]]);
  expect(requests.every(({ referer }) => referer === undefined)).toBe(true);

  hub.forgetRequests();
  await visit(page, site);
  expect(await get(page)).toMatchObject({ complete: true, revision: COMMIT, bytes: first.bytes });
  expect(hub.requests(content)).toEqual([]);
});

test.describe('a large file, by Range', () => {
  test.beforeEach(async ({ page }) => {
    content = hub.putModel({ repo: REPO, path: FILE, bytes: WIDE, commit: COMMIT });
    await visit(page, site);
  });

  test('is fetched by its decoder alone', async ({ page }) => {
    const { bytes, complete } = await get(page);
    expect(complete).toBe(true);
    const ranges = hub.requests(content).map(({ method, status, range }) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
      return [method, status, Number(to) - Number(from) + 1] as const;
    });
    expect(ranges.every(([method, status]) => method === 'GET' && status === 206)).toBe(true);
    const asked = ranges.reduce((sum, [, , length]) => sum + length, 0);
    // As float32, and the head; the rest of the file is its encoder.
    expect(asked).toBeLessThan(2 * bytes! + 100_000);
    expect(asked).toBeLessThan(WIDE.length - 2_000_000);
  });

  test('continues where the page was left', async ({ page }) => {
    hub.fail(
      content,
      { kind: 'slow', chunk: 1 << 20, pause: 0 },
      { kind: 'slow', chunk: 1 << 20, pause: 20 },
    );
    expect(await get(page, 'vae', { leaveAt: 0.8 })).toMatchObject({ code: 'cancelled' });
    hub.forgetRequests();
    await visit(page, site);
    const { complete, began } = await get(page);
    expect(complete).toBe(true);
    expect(began).toBeGreaterThan(0.3);
    expect((await leftovers(page)).filter((key) => key.startsWith('part-'))).toEqual([]);
  });

  test('continues after a busy server, a cut, and a server that ignores ranges', async ({ page }) => {
    hub.fail(
      content,
      { kind: 'status', status: 429, retryAfter: '1' },
      { kind: 'slow', chunk: 1 << 20, pause: 0 },
      { kind: 'truncate', after: 3_000_000 },
      { kind: 'ignore-range' },
    );
    expect(await get(page)).toMatchObject({ complete: true, notices: [] });
  });

  test('is fetched whole where ranges are never answered', async ({ page }) => {
    hub.failAlways(content, { kind: 'refuse-range' });
    expect(await get(page)).toMatchObject({ complete: true, revision: COMMIT });
  });

  test('is fetched from a content server that shows no headers', async ({ page }) => {
    hub.failAlways(content, { kind: 'hide-headers' });
    expect(await get(page)).toMatchObject({ complete: true, revision: COMMIT });
  });

  test('begins again when it changes, and gives up when it keeps changing', async ({ page }) => {
    const other = vaeFile(makeVae({ wide: true, seed: ' other' }));
    const changed = { kind: 'replaced', bytes: other, after: 100_000 } as const;
    const well = { kind: 'slow', chunk: 1 << 20, pause: 0 } as const;
    hub.fail(content, well, changed);
    expect(await get(page)).toMatchObject({ complete: true });
    await page.evaluate(() => indexedDB.deleteDatabase('latent-leap-weights'));
    await visit(page, site);
    hub.fail(content, well, changed, well, changed, well, changed);
    expect(await get(page)).toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(/changing/),
    });
  });
});

test('a gated file says where its licence is accepted', async ({ page }) => {
  hub.putModel({ repo: REPO, path: FILE, bytes: VAE, commit: COMMIT, gated: true });
  const { code, message } = await get(page);
  expect(code).toBe('gated');
  expect(message).toContain(`${hub.origin}/${REPO}`);
});

test('a file that was moved, a page in its place, a wrong hash, another network: none is used', async ({
  page,
}) => {
  const path = link.replace(FILE, 'elsewhere.safetensors');
  const known = { sha256: digestOf(VAE), bytes: VAE.length };
  const models = [
    entry({ path }, { id: 'moved' }),
    entry(known, { id: 'whole' }),
    entry(known, { id: 'other', architecture: 'taesd-decoder' }),
  ];
  putCatalog(site, { version: 1, models });
  await visit(page, site);
  expect(await get(page, 'moved')).toMatchObject({ code: 'download-failed' });
  hub.fail(content, { kind: 'page' }, { kind: 'wrong-byte', at: VAE.length - 9 });
  expect(await get(page, 'whole')).toMatchObject({ code: 'download-failed' });
  expect(await get(page, 'whole')).toMatchObject({ code: 'hash-mismatch' });
  expect(await get(page, 'other')).toMatchObject({ code: 'bad-weights' });
  expect(await leftovers(page)).toEqual([]);
  expect(await get(page, 'whole')).toMatchObject({ complete: true });
});

test('a dropped file and an address are added, stay, and are removed', async ({ page }) => {
  site.put('/mine.safetensors', VAE);
  const add = () =>
    page.evaluate(async (address) => {
      const { createIdbStore, openWeights } = window.weights;
      const catalogUrl = `${location.origin}/catalog.json`;
      const options = { catalogUrl, store: createIdbStore() };
      const weights = await openWeights({ ...options, hosts: [new URL(address).origin] });
      const blob = await (await fetch('/mine.safetensors')).blob();
      const dropped = await weights.add(new File([blob], '<img src=x onerror=alert(1)>'), { family: 'sdxl' });
      const linked = await weights.add(address, { family: 'sdxl', kind: 'encoder' });
      const strange = (url: string) => weights.add(url, { family: 'sdxl' }).catch((error) => error.code);
      const refused = [
        await strange('https://example.net/a.safetensors'),
        await strange('http://example.net/a'),
      ];
      return { dropped, linked, refused };
    }, link);
  const { dropped, linked, refused } = await add();
  expect(dropped).toMatchObject({
    custom: true,
    pinned: true,
    complete: true,
    label: '<img src=x onerror=alert(1)>',
  });
  expect(linked).toMatchObject({ architecture: 'kl-encoder', page: `${hub.origin}/${REPO}` });
  expect(refused).toEqual(['forbidden-address', 'forbidden-address']);

  await visit(page, site);
  hub.forgetRequests();
  for (const { id, bytes } of [dropped, linked])
    expect(await get(page, id)).toMatchObject({ complete: true, bytes });
  expect(hub.requests(content)).toEqual([]);
  const left = await page.evaluate(
    async (ids) => {
      const { createIdbStore, openWeights } = window.weights;
      const weights = await openWeights({
        catalogUrl: `${location.origin}/catalog.json`,
        store: createIdbStore(),
      });
      await weights.clearCache();
      const spared = (await weights.status()).filter((model) => model.custom).length;
      for (const id of ids) await weights.remove(id);
      return { spared, models: (await weights.status()).map(({ id }) => id) };
    },
    [dropped.id, linked.id],
  );
  expect(left).toEqual({ spared: 2, models: ['vae'] });
  expect(await leftovers(page)).toEqual([]);
});

test('a full browser keeps a model for the visit and says so', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 200_000 });
  expect(await get(page)).toMatchObject({ complete: false, notices: ['quota'], bytes: expect.any(Number) });
});

/** Keys in the browser's store. */
function leftovers(page: Page): Promise<string[]> {
  return page.evaluate(async () =>
    [...(await window.weights.createIdbStore().sizes()).keys()].filter((key) => !key.startsWith('catalog-')),
  );
}
