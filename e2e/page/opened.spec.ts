import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type * as Open from '../../src/client/open/index';
import { buildLibrary, type EmbedSite, openEmbedSite } from '../support/embed-site';
import { expect, small, test, waitForBoth } from '../support/page-test';

/** The page as a service: opened by a link or by a generator of another origin. */

declare global {
  interface Window {
    leapOpen: typeof Open;
  }
}

const HOST = `<!doctype html><title>generator</title><script type="module">
  import * as leapOpen from '/lib/open.js';
  Object.assign(window, { leapOpen });
</script>`;

let host: EmbedSite;

test.beforeAll(async () => {
  await buildLibrary();
  const example = await readFile(new URL('../../examples/open-page.html', import.meta.url), 'utf8');
  host = await openEmbedSite({
    files: new Map([
      ['/host/', HOST],
      ['/example/', example.replace('https://cdn.jsdelivr.net/npm/latent-leap@0.1.0/dist/', '/')],
    ]),
  });
});

test.afterAll(() => host.close());

async function openHost(page: Page): Promise<void> {
  await page.goto(`${host.url}host/`);
  await page.waitForFunction(() => window.leapOpen);
}

/** Opens a latent of 8x8 positions by the button's function. @returns what comes back; `widths` in the page grows on */
function openWaves(page: Page, options: Pick<Open.OpenOptions, 'scale'> & { page: string }) {
  return page.evaluate(async (options) => {
    const data = new Float32Array(4 * 8 * 8).map((_, i) => Math.sin(i));
    const widths: number[] = [];
    const { png, ...sizes } = await window.leapOpen.openInLatentLeap(
      { data, dims: [1, 4, 8, 8] },
      { family: 'sdxl', space: 'model' },
      { ...options, name: 'waves', onResult: ({ width }) => widths.push(width) },
    );
    Object.assign(window, { widths });
    const { width, height } = await createImageBitmap(new Blob([png], { type: 'image/png' }));
    return { ...sizes, decoded: [width, height], kept: data.length };
  }, options);
}

test('a generator of another origin has its latent enlarged, and the picture back', async ({
  page,
  server,
}) => {
  await openHost(page);
  const popup = page.waitForEvent('popup');
  const found = openWaves(page, { page: `${server.url}?backend=wasm` });
  const opened = await popup;
  expect(await found).toEqual({
    width: 128,
    height: 128,
    scale: 2,
    method: 'lua',
    item: 0,
    decoded: [128, 128],
    kept: 256,
  });
  await expect(opened.getByRole('heading', { name: 'waves' })).toBeVisible();
  // By its own header, where the usual one would cut the connection.
  expect(await opened.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(opened.getByTestId('device')).toContainText(/[2-8] threads/);
  await expect(opened.locator('leap-notices')).toContainText('localhost');
  // What the person chooses afterwards comes too.
  await opened.getByRole('button', { name: '4×' }).click();
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { widths: number[] }).widths))
    .toEqual([128, 256]);
});

test('a factor that LUA lacks becomes the nearest that it has, and the page and the result say so', async ({
  page,
  server,
}) => {
  await openHost(page);
  const popup = page.waitForEvent('popup');
  const found = openWaves(page, { page: `${server.url}?backend=wasm`, scale: 1.5 });
  const notices = (await popup).locator('leap-notices');
  await expect(notices).toContainText('Enlarged 2× instead of 1.5×: LUA makes 2× and 4×.');
  expect(await found).toMatchObject({ scale: 2, decoded: [128, 128] });
});

test('files are refused with a typed error, and a closed window ends the waiting', async ({
  page,
  server,
}) => {
  await openHost(page);
  const popup = page.waitForEvent('popup');
  const codes = page.evaluate(async (address) => {
    const { openInLatentLeap } = window.leapOpen;
    const codeOf = (input: Uint8Array, hints: object) =>
      openInLatentLeap(input, hints, { page: address }).catch(({ code, detail }) => [code, detail.reason]);
    return [await codeOf(new Uint8Array(100), {}), await codeOf(new Uint8Array(100), { family: 'sd0' })];
  }, `${server.url}?backend=wasm`);
  const second = (await popup) && page.waitForEvent('popup');
  expect(await codes).toMatchObject([['unknown-format'], ['bad-option']]);
  await second;
  const waiting = page.evaluate((address) => {
    const opened = window.leapOpen.openInLatentLeap(new Uint8Array(100), {}, { page: address });
    return opened.catch(({ code, detail }) => [code, detail.reason]);
  }, `${host.url}host/`);
  // A page that does not speak the protocol.
  const silent = await page.waitForEvent('popup');
  await silent.close();
  expect(await waiting).toEqual(['closed', 'closed']);
});

test('only the opener is listened to, in the version that the page speaks, up to a size', async ({
  page,
  server,
}) => {
  await openHost(page);
  const popup = page.waitForEvent('popup');
  await page.evaluate((address) => {
    const answers: unknown[] = [];
    const opened = window.open(address)!;
    addEventListener('message', ({ source, origin, data }) => {
      if (source === opened) answers.push({ ...data, origin });
    });
    Object.assign(window, { answers, opened });
  }, `${server.url}open.html?backend=wasm`);
  const opened = await popup;
  const answers = () => page.evaluate(() => (window as unknown as { answers: object[] }).answers);
  const origin = new URL(server.url).origin;
  await expect
    .poll(answers)
    .toEqual([{ latentLeap: 1, type: 'ready', versions: [1], maxBytes: 256 * 2 ** 20, origin }]);
  // A frame of the generator's, and the page itself: neither has opened it.
  await page.evaluate(async (target) => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script>
      const message = { latentLeap: 1, type: 'open', id: 'stranger', input: new Uint8Array(8) };
      parent.opened.postMessage(message, '${target}');
    </script>`;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve));
  }, origin);
  await opened.evaluate(() =>
    window.postMessage({ latentLeap: 1, type: 'open', id: 'itself', input: new Uint8Array(8) }),
  );
  await page.evaluate((target) => {
    const { opened } = window as unknown as { opened: Window };
    const input = new ArrayBuffer(256 * 2 ** 20 + 1);
    opened.postMessage({ latentLeap: 9, type: 'open', id: 'later' }, target);
    opened.postMessage({ latentLeap: 1, type: 'open', id: 'large', input }, target, [input]);
  }, origin);
  await expect
    .poll(answers)
    .toMatchObject([
      { type: 'ready' },
      { type: 'error', id: 'later', code: 'unsupported', detail: { versions: [1] } },
      { type: 'error', id: 'large', code: 'too-large' },
    ]);
  await expect(opened.locator('leap-strip .frame')).toHaveCount(0);
});

test('a link opens a latent of the own server at once, and nothing from a host that the policy forbids', async ({
  page,
  server,
  complaints,
}) => {
  await page.goto(`${server.url}?backend=wasm&family=sd15&src=samples/retina_sd15.latent`);
  await expect(page.getByRole('heading', { name: 'retina_sd15.latent' })).toBeVisible();
  await expect(page.getByLabel('Family')).toHaveValue('sd15');
  for (const [src, message] of [
    ['https://other.example/x.latent', 'may not fetch anything from other.example'],
    ['http://huggingface.co/x.latent', 'only https'],
    ['http://', 'is not an address'],
    ['nothing.latent', 'status 404'],
  ]) {
    await page.goto(`${server.url}?src=${encodeURIComponent(src!)}`);
    await expect(page.locator('leap-notices')).toContainText(message!);
  }
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
});

test('a link to a host that the policy allows but does not name asks first, and fetches nothing before', async ({
  page,
  server,
}) => {
  const { origin } = new URL(server.url);
  // In the page's own policy the quotes are escaped.
  const widen = (policy: string) => policy.replace(/connect-src \S+/, '$& https:');
  await page.route(
    (url) => url.origin === origin && url.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      const policy = widen(headers['content-security-policy'] ?? '');
      const body = widen(await response.text());
      await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy }, body });
    },
  );
  let fetched = 0;
  await page.route('https://other.example/**', (route) => {
    fetched++;
    const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
    return route.fulfill({ headers, body: Buffer.from(small.bytes) });
  });
  const src = `https://other.example/${small.name}`;
  await page.goto(`${server.url}?backend=wasm&src=${encodeURIComponent(src)}`);
  const notices = page.locator('leap-notices');
  await expect(notices).toContainText(`Fetch ${small.name} from other.example?`);
  expect(fetched).toBe(0);
  await notices.getByRole('button', { name: 'Fetch' }).click();
  await expect(page.getByRole('heading', { name: small.name })).toBeVisible();
  expect(fetched).toBe(1);
});

test('open.html says so when nobody has opened it', async ({ page, server }) => {
  await page.goto(`${server.url}open.html`);
  await expect(page.locator('leap-notices')).toContainText('No other page is connected');
});

test('an isolated generator is told why it hears nothing', async ({ page, server }) => {
  const isolated = await openEmbedSite({ isolated: true, files: new Map([['/host/', HOST]]) });
  await page.goto(`${isolated.url}host/`);
  await page.waitForFunction(() => window.leapOpen);
  const message = await page.evaluate((address) => {
    const opened = window.leapOpen.openInLatentLeap(new Uint8Array(8), {}, { page: address });
    return opened.catch((error) => error.message);
  }, server.url);
  isolated.close();
  expect(message).toContain('Cross-Origin-Opener-Policy');
});

test('the example shows the picture that comes back', async ({ page, server }) => {
  await page.goto(`${host.url}example/?page=${encodeURIComponent(`${server.url}?backend=wasm`)}`);
  await page.getByRole('button').click();
  await expect(page.locator('output')).toHaveText('512 x 512');
  await expect(page.locator('img')).toHaveJSProperty('naturalWidth', 512);
});

test('a file opened by a generator is compared as one that was dropped', async ({ page, server }) => {
  await openHost(page);
  const popup = page.waitForEvent('popup');
  const bytes = [...small.bytes];
  const found = page.evaluate(
    async ({ address, bytes, name }) => {
      const file = new File([new Uint8Array(bytes)], name);
      const { width } = await window.leapOpen.openInLatentLeap(file, {}, { page: address });
      return width;
    },
    { address: `${server.url}?backend=wasm`, bytes, name: small.name },
  );
  const opened = await popup;
  await waitForBoth(opened);
  expect(await found).toBe(128);
  await expect(opened.getByRole('heading', { name: small.name })).toBeVisible();
});
