import { expect, type Page, test } from '@playwright/test';
import { type HubServer, startHub } from '../../src/testing/weights/hub-server';
import { makeCatalog, TEST_FILES } from '../../src/testing/weights/small-catalog';
import { bundleWeights, openSite, visit } from '../support/weights-site';

/**
 * The weights room in a real browser, with its IndexedDB, its quota and its rules about other origins. The page comes
 * from one server, and the models from a hub at another origin.
 */

const TRUNK = TEST_FILES['trunk.bin']!.length;
const FAMILY = TEST_FILES['flux1.bin']!.length;
/** The address that the catalogue's path redirects to, as hubs do with large files. */
let trunkPath: string;
let script: Uint8Array;
let site: HubServer;
let hub: HubServer;

test.beforeAll(async () => {
  script = await bundleWeights();
});

test.beforeEach(async ({ page }) => {
  hub = await startHub();
  trunkPath = hub.putBehindRedirect('/trunk.bin', TEST_FILES['trunk.bin']!);
  hub.put('/flux1.bin', TEST_FILES['flux1.bin']!);
  const catalog = makeCatalog();
  for (const file of catalog.models.flatMap((entry) => entry.files)) file.path = `${hub.origin}/${file.path}`;
  site = await openSite(script, catalog);
  await visit(page, site);
});

test.afterEach(() => Promise.all([site.close(), hub.close()]));

test('resumes at another origin without a preflight, and fetches nothing on the second visit', async ({
  page,
}) => {
  hub.fail(trunkPath, { kind: 'truncate', after: 50_000 });
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
  expect(hub.requests(trunkPath)).toMatchObject([
    { method: 'GET', status: 200, range: undefined },
    // When the connection breaks, a browser may throw away bytes that it has not handed over.
    { method: 'GET', status: 206, range: expect.stringMatching(/^bytes=\d+-$/) },
  ]);
  expect(hub.requests('/trunk.bin').every(({ referer }) => referer === undefined)).toBe(true);

  hub.forgetRequests();
  await visit(page, site);
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
  expect([...hub.requests('/trunk.bin'), ...hub.requests('/flux1.bin')]).toEqual([]);
});

test('stores neither a web page nor a wrong file', async ({ page }) => {
  hub.fail('/flux1.bin', { kind: 'status', status: 404 }, { kind: 'wrong-byte', at: 5 });
  expect(await load(page)).toEqual({ code: 'download-failed' });
  expect(await load(page)).toEqual({ code: 'hash-mismatch' });
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
});

test('waits for a busy hub', async ({ page }) => {
  hub.fail('/flux1.bin', { kind: 'status', status: 429, retryAfter: '1' });
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
  expect(hub.requests('/flux1.bin').map(({ status }) => status)).toEqual([429, 200]);
});

test('notices a damaged entry and fetches it again', async ({ page }) => {
  await load(page);
  await page.evaluate(damageEveryBlob);
  hub.forgetRequests();
  const codes = ['damaged-entry', 'damaged-entry'];
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: codes });
  expect(hub.requests(trunkPath)).toHaveLength(1);
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
});

test('continues from memory when the browser gives no more room', async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 100_000 });
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: ['quota'] });
});

test('cancels a download in progress', async ({ page }) => {
  hub.fail(trunkPath, { kind: 'slow', chunk: 10_000, pause: 200 });
  expect(await load(page, 300)).toEqual({ code: 'cancelled' });
  expect(await load(page)).toEqual({ bytes: TRUNK + FAMILY, notices: [] });
});

/** Opens the store and loads the first model. @param cancelAfter milliseconds */
function load(page: Page, cancelAfter?: number) {
  return page.evaluate(async (ms) => {
    const notices: string[] = [];
    try {
      const source = await window.weights.openWeights({
        catalogUrl: `${location.origin}/catalog.json`,
        store: window.weights.createIdbStore({ chunkBytes: 64_000 }),
        onNotice: ({ code }) => notices.push(code),
      });
      const options = ms === undefined ? {} : { signal: AbortSignal.timeout(ms) };
      const files = await source.load(source.catalog.models[0]!, options);
      return { bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0), notices };
    } catch (error) {
      return { code: (error as { code: string }).code };
    }
  }, cancelAfter);
}

/** Executed in the page: cuts one byte off every stored Blob. */
async function damageEveryBlob(): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('latent-leap-weights');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = database.transaction('files', 'readwrite').objectStore('files');
  await new Promise<void>((resolve) => {
    store.openCursor().onsuccess = (event) => {
      const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
      if (!cursor) return resolve();
      if (cursor.value instanceof Blob) cursor.update(cursor.value.slice(1));
      cursor.continue();
    };
  });
  database.close();
}
