import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { PAGE_FOLDER, servePage } from '../support/page-server';
import { drop, makeLatentFile, openSmall, ourWorkers, small, test, waitForBoth } from '../support/page-test';

test('the second visit works without any network, wasm and weights included', async ({ page }) => {
  const server = await servePage();
  await openSmall(page, server);
  await server.close();

  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(request.url()));
  await page.reload();
  await page.locator('leap-welcome .sample').first().waitFor();
  await drop(page, [small]);
  await waitForBoth(page);
  expect(failed).toEqual([]);
});

test('on a host that sends no headers, the workers have the policy of the page', async ({ page }) => {
  const server = await servePage({ bare: true });
  await openSmall(page, server);
  const workers = ourWorkers(page);
  expect(workers.length).toBeGreaterThan(1);
  for (const worker of workers) {
    expect(await worker.evaluate(sendAway, 'https://elsewhere.example/')).toBe('connect-src');
  }
  await server.close();
});

/** Which rule keeps a request from leaving. */
function sendAway(url: string): Promise<string> {
  return new Promise((resolve) => {
    addEventListener('securitypolicyviolation', (event) =>
      resolve((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    fetch(url).catch(() => setTimeout(() => resolve('none'), 1000));
  });
}

test('when idle, the models of the other families are fetched, and then none of them needs the network', async ({
  page,
}) => {
  const server = await servePage();
  await page.clock.install();
  await openSmall(page, server);
  const weights = () =>
    server.requests.filter((path) => path.startsWith('/models/') && path.endsWith('.safetensors'));
  const first = weights().length;
  await page.clock.fastForward(31_000);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  await page.locator('leap-models').getByLabel('Family').first().selectOption('');
  const embedded = page.locator('leap-models .model').filter({ hasText: 'comes with this page' });
  await expect(embedded).toHaveCount(15);
  await expect(embedded.filter({ hasText: 'stored' })).toHaveCount(15);
  expect(weights().length).toBeGreaterThan(first);
  await server.close();
  await page.reload();
  await drop(page, [makeLatentFile('waves_flux2.safetensors', 32, 8)]);
  await waitForBoth(page);
});

test('on a metered connection the page asks before it fetches them', async ({ page, server }) => {
  await page.clock.install();
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
  });
  await openSmall(page, server);
  const before = server.requests.length;
  await page.clock.fastForward(31_000);
  await expect(page.locator('leap-notices')).toContainText(/Fetch up to \d+ MB, so that this page works/);
  expect(server.requests.slice(before).filter((path) => path.endsWith('.safetensors'))).toEqual([]);
});

test('what another app shares is opened', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!;
    return (await fetch(link.href)).json();
  });
  const { action, method, enctype, params } = manifest.share_target;
  expect([method, enctype]).toEqual(['POST', 'multipart/form-data']);
  // As the system does it, by the manifest.
  const answer = await page.evaluate(
    async ({ action, part, texts, name, values }) => {
      const form = new FormData();
      form.append(part, new File([new Uint8Array(values)], name));
      form.append(texts.text, 'A picture https://huggingface.co/some/one/blob/main/other.latent');
      const response = await fetch(action, { method: 'POST', body: form });
      return response.url;
    },
    {
      action,
      part: params.files[0].name,
      texts: params,
      name: 'größe_sdxl.safetensors',
      values: [...small.bytes],
    },
  );
  expect(answer).toBe(`${server.url}?shared`);
  await page.goto(`${answer}&backend=wasm`);
  await waitForBoth(page);
  await expect(page.locator('leap-inspector h2').first()).toHaveText('größe_sdxl.safetensors');
  await expect(page.locator('leap-notices')).toContainText('Fetch other.latent from huggingface.co?');
  // Once.
  await page.reload();
  await expect(page.getByRole('button', { name: 'Bring back' })).toBeVisible();
  await expect(page.locator('leap-strip .frame')).toHaveCount(0);
});

test('a second visit fetches no weights, and a damaged entry is noticed and fetched again', async ({
  page,
}) => {
  const server = await servePage();
  await openSmall(page, server);
  const weights = () =>
    server.requests.filter((path) => path.endsWith('.safetensors') && path.includes('models/'));
  const first = weights().length;
  expect(first).toBeGreaterThan(0);

  await page.reload();
  await drop(page, [small]);
  await waitForBoth(page);
  expect(weights().length).toBe(first);

  const damaged = await page.evaluate(damageStoredWeights);
  expect(damaged).toBeGreaterThan(0);
  await page.reload();
  await drop(page, [small]);
  await waitForBoth(page);
  expect(weights().length).toBeGreaterThan(first);
  await expect(page.locator('leap-notices')).toContainText(/damaged/i);
  await server.close();
});

test('a new version is offered, and started when the person says so', async ({ page }) => {
  const server = await servePage();
  await page.goto(`${server.url}?backend=wasm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  server.publishUpdate();
  await page.reload();
  const update = page.getByRole('button', { name: 'Update now' });
  await expect(update).toBeVisible();
  const reloaded = page.waitForEvent('load');
  await update.click();
  await reloaded;
  await page.locator('leap-welcome .sample').first().waitFor();
  await expect(update).toHaveCount(0);
  expect(
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting),
  ).toBeNull();
  await server.close();
});

test('a page of the version before finds the weights that the server has now', async ({ page }) => {
  const server = await servePage();
  await page.goto(`${server.url}?backend=wasm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  server.renameWeights('decoder-s.sdxl.safetensors', 'decoder-s.sdxl-2.safetensors');
  await page.reload();
  await drop(page, [small]);
  await waitForBoth(page);
  expect(server.requests).toContain('/models/decoder-s.sdxl-2.safetensors');
  await server.close();
});

test('a sign-in page in place of the wasm is not kept, and a broken copy is fetched again', async ({
  page,
}) => {
  const server = await servePage();
  const [wasm] = await listAssets(/\.jspi.*\.wasm$/);
  server.spoil(wasm!);
  await page.goto(`${server.url}?backend=wasm`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const asked = () => server.requests.filter((path) => path === wasm).length;
  expect(await page.evaluate(readStart, wasm!)).toBe('<!do');
  server.mend();
  expect(await page.evaluate(readStart, wasm!)).toBe('\0asm');
  await expect.poll(() => page.evaluate(isKept, wasm!)).toBe(true);
  const before = asked();
  expect(await page.evaluate(readStart, wasm!)).toBe('\0asm');
  expect(asked()).toBe(before);

  // As an earlier version of the worker kept it.
  await page.evaluate(keepSignIn, wasm!);
  await page.reload();
  await restartWorker(page);
  expect(await page.evaluate(readStart, wasm!)).toBe('\0asm');
  await server.close();
});

test('with a wrong file in its shell the worker is not installed, and the next visit tries again', async ({
  page,
}) => {
  const server = await servePage();
  const [script] = await listAssets(/^\/assets\/leap-models.*\.js$/);
  server.spoil(script!);
  await page.goto(`${server.url}?backend=wasm`);
  await page.locator('leap-welcome .sample').first().waitFor();
  await expect.poll(() => page.evaluate(countWorkers)).toBe(0);
  server.mend();
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  // A deployment whose files arrive one after the other: the new worker first, the page still another one.
  server.publishUpdate();
  server.spoil('/', '/index.html');
  const asked = () => server.requests.filter((path) => path === '/index.html').length;
  const before = asked();
  await page.reload();
  await page.locator('leap-welcome .sample').first().waitFor();
  // Asked for, and once more past the HTTP cache.
  await expect.poll(asked).toBe(before + 2);
  await expect.poll(() => page.evaluate(countWorkers)).toBe(1);
  server.mend();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Update now' })).toBeVisible();
  await server.close();
});

test('a model of a later version is passed over, and without a catalogue the kept one is used', async ({
  page,
}) => {
  const server = await servePage();
  server.addUnknownModel();
  await openSmall(page, server);
  server.spoil('/models/catalog.json');
  await page.reload();
  await drop(page, [small]);
  await waitForBoth(page);
  await server.close();
});

test('a page starts while another tab cannot finish deleting the stored models', async ({
  page,
  context,
}) => {
  const server = await servePage();
  await page.goto(server.url);
  await page.evaluate(holdDeletion, 'latent-leap-weights');
  const other = await context.newPage();
  await other.goto(`${server.url}?backend=wasm`);
  await drop(other, [small]);
  await expect(other.getByTestId('device')).toContainText('WebAssembly');
  await expect(other.locator('leap-notices')).toContainText(
    /Another tab is deleting the stored models.*Close the other tabs/,
  );
  await server.close();
});

/** Asks for a deletion that stays pending, because a connection stays open. */
async function holdDeletion(name: string): Promise<void> {
  await new Promise((resolve) => {
    indexedDB.open(name).onsuccess = resolve;
  });
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(name).onblocked = resolve;
  });
}

/** Paths of the built page that match. */
async function listAssets(pattern: RegExp): Promise<string[]> {
  const names = await readdir(join(PAGE_FOLDER, 'assets'));
  return names.map((name) => `/assets/${name}`).filter((path) => pattern.test(path));
}

/** The first four bytes of what the page gets at this path. */
async function readStart(path: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
  return String.fromCharCode(...bytes.subarray(0, 4));
}

async function isKept(path: string): Promise<boolean> {
  return (await caches.match(new URL(path, location.href).href)) !== undefined;
}

async function keepSignIn(path: string): Promise<void> {
  const cache = await caches.open('latent-leap-large');
  await cache.put(new URL(path, location.href).href, new Response('<!doctype html>Sign in'));
}

/** Workers of the page that are installing, waiting or at work. */
async function countWorkers(): Promise<number> {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration) return 0;
  const { installing, waiting, active } = registration;
  return [installing, waiting, active].filter((worker) => worker !== null).length;
}

/** A browser ends a service worker when nothing is asked of it, and starts it again. */
async function restartWorker(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.detach();
}

/** Overwrites a byte in every value of every database of the page; returns how many were changed. */
async function damageStoredWeights(): Promise<number> {
  const wait = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let changed = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await wait(indexedDB.open(name!));
    for (const storeName of database.objectStoreNames) {
      const read = database.transaction(storeName).objectStore(storeName);
      const keys = await wait(read.getAllKeys());
      for (const key of keys) {
        const value: unknown = await wait(database.transaction(storeName).objectStore(storeName).get(key));
        const damaged = await damage(value);
        if (damaged === undefined) continue;
        await wait(database.transaction(storeName, 'readwrite').objectStore(storeName).put(damaged, key));
        changed++;
      }
    }
    database.close();
  }
  return changed;

  async function damage(value: unknown): Promise<unknown> {
    if (value instanceof Blob) return new Blob([flip(new Uint8Array(await value.arrayBuffer()))]);
    if (value instanceof ArrayBuffer) return flip(new Uint8Array(value)).buffer;
    if (value instanceof Uint8Array) return flip(new Uint8Array(value));
    return undefined;
  }

  function flip(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle]! ^ 0xff;
    return bytes;
  }
}
