import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { servePage } from '../e2e/support/page-server';
import { launchOptions } from './runners/launch-options';
import { residentBytes } from './watch/watch-memory';

/**
 * `npm run bench:photograph [-- --width 6000 --height 4000 --scale 2 --backend wasm --out FOLDER]` drops a
 * photograph on the built page (`npm run build:page`) and waits for both pictures, hours if need be. It prints what the
 * page says, and the resident memory of the whole browser, once a minute; at the end the highest, and a screenshot.
 */
const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '6000' },
    height: { type: 'string', default: '4000' },
    scale: { type: 'string', default: '2' },
    backend: { type: 'string', default: 'wasm' },
    out: { type: 'string', default: '.' },
  },
});

const LOOK_MS = 2_000;
const SAY_MS = 60_000;

const browserServer = await chromium.launchServer(launchOptions('swiftshader'));
const browser = await chromium.connect(browserServer.wsEndpoint());
const server = await servePage();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.on('crash', () => {
  console.log('The page crashed.');
  process.exit(1);
});
await page.goto(`${server.url}?backend=${values.backend}&scale=${values.scale}`);
await page.locator('leap-welcome .sample').first().waitFor();
const began = performance.now();
await dropPhotograph(page, Number(values.width), Number(values.height));

let peak = 0;
let said = -SAY_MS;
for (;;) {
  const now = performance.now() - began;
  peak = Math.max(peak, residentBytes(browserServer.process().pid!) ?? 0);
  const state = await describeState(page);
  if (now - said >= SAY_MS || state.ended) {
    said = now;
    const memory = ((residentBytes(browserServer.process().pid!) ?? 0) / 1e9).toFixed(2);
    console.log(`${Math.round(now / 1000)} s, ${memory} GB: ${state.text}`);
  }
  if (state.ended) break;
  await page.waitForTimeout(LOOK_MS);
}
console.log(`Highest resident memory of the browser: ${(peak / 1e9).toFixed(2)} GB`);
await page.screenshot({ path: `${values.out}/large-photograph.png` });
await browser.close();
await browserServer.close();
await server.close();

/** Made in the page from the pictures of its welcome, as a JPEG: so large a file would be slow to send. */
async function dropPhotograph(page: Page, width: number, height: number): Promise<void> {
  await page.evaluate(
    async ([width, height]) => {
      const picture = new Image();
      picture.src = new URL('samples/welcome-right.webp', document.baseURI).href;
      await picture.decode();
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d')!;
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture, 0, 0, width, height);
      // Finer detail than the enlarged picture has.
      for (let y = 0; y < height; y += picture.naturalHeight * 2) {
        context.drawImage(picture, 0, y, picture.naturalWidth, picture.naturalHeight);
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
      const transfer = new DataTransfer();
      transfer.items.add(new File([blob], 'photograph.jpg', { type: 'image/jpeg' }));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
      }
    },
    [width, height] as const,
  );
}

/** What the page says of it, and whether that is the last word. */
async function describeState(page: Page): Promise<{ text: string; ended: boolean }> {
  const encoding = page.locator('leap-encoding .state p');
  if (await encoding.count()) return { text: (await encoding.first().textContent()) ?? '', ended: false };
  const problem = page.locator('leap-problem p');
  if (await problem.count()) return { text: (await problem.allTextContents()).join(' | '), ended: true };
  const times = await page.locator('leap-side-label .times').allTextContents();
  const text = times.map((one) => one.trim().replace(/\s+/g, ' ')).join(' | ');
  return { text, ended: times.length === 2 && times.every((one) => /decode \d/.test(one)) };
}
