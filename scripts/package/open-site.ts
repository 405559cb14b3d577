import type { Browser } from '@playwright/test';

/** What a visitor fetches for one picture, in bytes. */
export interface Fetched {
  /** Scripts of the page. */
  page: number;
  /** Scripts of the worker, one by one. */
  worker: number[];
  wasm: number;
  models: number;
}

export interface Opened {
  width: number;
  height: number;
  rgba: Uint8Array;
  fetched: Fetched;
}

/**
 * Opens a site that has an input for a latent file and a canvas, chooses the file, and waits for the picture.
 * @param width of the picture that is waited for
 * @throws Error with what the page says instead
 */
export async function openSite(
  browser: Browser,
  url: string,
  latent: Buffer,
  width: number,
): Promise<Opened> {
  const page = await browser.newPage();
  const addresses = new Set<string>();
  const workers = new Set<string>();
  const errors: string[] = [];
  page.on('request', (request) => addresses.add(request.url()));
  page.on('worker', (worker) => workers.add(worker.url()));
  page.on('pageerror', ({ message }) => errors.push(message));
  try {
    await page.goto(url);
    const file = { name: 'x.safetensors', mimeType: 'application/octet-stream', buffer: latent };
    await page.getByLabel('A latent file').setInputFiles(file);
    const drawn = page.waitForFunction((width) => document.querySelector('canvas')?.width === width, width, {
      timeout: 120_000,
    });
    await drawn.catch(async () => {
      const text = await page.locator('body').textContent();
      throw new Error([`no picture; the page says "${text?.trim()}"`, ...errors].join('\n'));
    });
    const picture = await page.evaluate(() => {
      const canvas = document.querySelector('canvas')!;
      const { width, height } = canvas;
      return { width, height, rgba: [...canvas.getContext('2d')!.getImageData(0, 0, width, height).data] };
    });
    const own = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    const scripts = new Set(own.filter((address) => isScript(address) && !workers.has(address)));
    return { ...picture, rgba: Uint8Array.from(picture.rgba), fetched: await measure(addresses, scripts) };
  } finally {
    await page.close();
  }
}

/** @param ofPage scripts that the page itself asked for */
async function measure(addresses: ReadonlySet<string>, ofPage: ReadonlySet<string>): Promise<Fetched> {
  const fetched: Fetched = { page: 0, worker: [], wasm: 0, models: 0 };
  for (const address of addresses) {
    if (!address.startsWith('http')) continue;
    const size = (await (await fetch(address)).arrayBuffer()).byteLength;
    if (ofPage.has(address)) fetched.page += size;
    else if (isScript(address)) fetched.worker.push(size);
    else if (/\.wasm(\.gz)?$/.test(new URL(address).pathname)) fetched.wasm += size;
    else if (/\.safetensors$/.test(new URL(address).pathname)) fetched.models += size;
  }
  return fetched;
}

function isScript(address: string): boolean {
  return /\.m?js$/.test(new URL(address).pathname);
}
