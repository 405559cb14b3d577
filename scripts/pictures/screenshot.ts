import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { servePage } from '../../e2e/support/page-server.ts';
import { findChromium } from '../browser/find-chromium.ts';

/**
 * `tsx scripts/pictures/screenshot.ts [SAMPLE] [FILE]`: the README's picture, of the built page with a sample that was
 * enlarged with both methods on WebAssembly.
 */
const [
  sample = 'raccoon_flux1.latent',
  file = fileURLToPath(new URL('../../docs/page.png', import.meta.url)),
] = process.argv.slice(2);

/** Two processor cores take a minute or two for a picture of 2048 x 1536 pixels. */
const LIMIT_MS = 900_000;

const server = await servePage();
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--headless=new', '--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 1360, height: 820 }, colorScheme: 'dark' });
await page.goto(`${server.url}?backend=wasm`);
await page.locator(`leap-welcome .sample[data-file="${sample}"]`).click();
for (const side of ['left', 'right']) {
  await page
    .locator(`leap-side-label[side=${side}]`)
    .filter({ hasText: /decode \S+ m?s/ })
    .waitFor({ timeout: LIMIT_MS });
}
await page.screenshot({ path: file });
await browser.close();
await server.close();
console.log(file);
