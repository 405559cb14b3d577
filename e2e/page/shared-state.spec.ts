import { servePage } from '../support/page-server';
import { drop, expect, makeLatentFile, readPicture, small, test, waitForBoth } from '../support/page-test';

/** What a page shares with others or loses under itself: other tabs, room, the files of its version, a worker. */

test('two tabs compute at once, and one deletes what both have stored', async ({ page, context }) => {
  const server = await servePage();
  const other = await context.newPage();
  await Promise.all([page, other].map((tab) => tab.goto(`${server.url}?backend=wasm`)));
  await Promise.all([page, other].map((tab) => drop(tab, [small])));
  await Promise.all([page, other].map((tab) => waitForBoth(tab)));
  const [mine, theirs] = [await readPicture(page, 'lua'), await readPicture(other, 'lua')];
  expect(mine.rgba.equals(theirs.rgba)).toBe(true);

  // As one tab clears the site's data while another is open.
  await page.evaluate(emptyStores);
  const again = { ...small, name: 'again_sdxl.safetensors' };
  await Promise.all([page, other].map((tab) => drop(tab, [again])));
  for (const tab of [page, other]) {
    await expect(tab.getByRole('heading', { name: again.name })).toBeVisible();
    await waitForBoth(tab);
    expect((await readPicture(tab, 'lua')).rgba.equals(mine.rgba)).toBe(true);
  }
  await other.reload();
  await drop(other, [small]);
  await waitForBoth(other);
  expect((await readPicture(other, 'lua')).rgba.equals(mine.rgba)).toBe(true);
  await server.close();
});

test('without any room the page works for the visit, and says so', async ({ page }) => {
  const server = await servePage();
  await page.goto(`${server.url}?backend=wasm`);
  const session = await page.context().newCDPSession(page);
  // A quota of 0 would lift the limit.
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 1 });
  await drop(page, [small]);
  await waitForBoth(page);
  await expect(page.locator('leap-notices')).toContainText('no room to store all of the models');
  await server.close();
});

test('a page that is open while a new version is deployed goes on, and the next visit has its models', async ({
  page,
}) => {
  const server = await servePage();
  await page.goto(`${server.url}?backend=wasm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await drop(page, [small]);
  await waitForBoth(page);
  const before = await readPicture(page, 'lua');
  // Weights of a family that this visit has not needed yet are gone at the server.
  server.renameWeights('decoder-s.flux1.safetensors', 'decoder-s.flux1-2.safetensors');
  server.publishUpdate();
  await drop(page, [{ ...small, name: 'again_sdxl.safetensors' }]);
  await expect(page.getByRole('heading', { name: 'again_sdxl.safetensors' })).toBeVisible();
  await waitForBoth(page);
  expect((await readPicture(page, 'lua')).rgba.equals(before.rgba)).toBe(true);
  const flux = makeLatentFile('waves_flux1.safetensors', 16, 4);
  await drop(page, [flux]);
  await expect(page.getByRole('heading', { name: flux.name })).toBeVisible();
  await expect(page.locator('leap-problem').first()).toContainText('moved or deleted');
  await page.reload();
  await drop(page, [flux]);
  await waitForBoth(page);
  await server.close();
});

test.describe(() => {
  // It would give the page the worker's script as it was built.
  test.use({ serviceWorkers: 'block' });

  test('Cancel ends a job that hangs, and the next one runs on a new worker', async ({ page, server }) => {
    const hanging = makeLatentFile('hang_sdxl.safetensors', 4, 7);
    await page.clock.install();
    await page.route(/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const body = `(${hangOnPicture})(${7 * 8 * 2});${await response.text()}`;
      await route.fulfill({ response, body });
    });
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [hanging]);
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await expect(cancel).toBeVisible();
    // Seconds of work on a tiny latent are seconds of silence.
    await page.waitForTimeout(3000);
    await cancel.click();
    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
    await drop(page, [small]);
    await expect(page.getByRole('heading', { name: small.name })).toBeVisible();
    // The worker is given up 20 seconds after the cancelled call.
    await page.clock.runFor(25_000);
    await waitForBoth(page);
  });
});

/** Empties what the page has stored, and keeps the databases. */
async function emptyStores(): Promise<void> {
  for (const key of await caches.keys()) await caches.delete(key);
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name!);
      request.onsuccess = () => resolve(request.result);
    });
    const stores = [...database.objectStoreNames];
    if (stores.length > 0) {
      const change = database.transaction(stores, 'readwrite');
      for (const store of stores) change.objectStore(store).clear();
      await new Promise((resolve) => {
        change.oncomplete = resolve;
      });
    }
    database.close();
  }
}

/** Whoever draws on a canvas of that width never ends. */
function hangOnPicture(width: number): void {
  const { prototype } = OffscreenCanvasRenderingContext2D;
  const { putImageData } = prototype;
  prototype.putImageData = function (
    this: OffscreenCanvasRenderingContext2D,
    ...args: Parameters<typeof putImageData>
  ) {
    while (this.canvas.width === width);
    putImageData.apply(this, args);
  } as typeof putImageData;
}
