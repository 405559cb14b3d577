import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/page-test';

interface Sample {
  file: string;
  latent: [number, number, number];
}

const address = new URL('../../public/samples/samples.json', import.meta.url);
const samples = JSON.parse(readFileSync(address, 'utf8')) as Sample[];

async function readOrder(page: Page): Promise<(string | undefined)[]> {
  const buttons = page.locator('leap-welcome .sample');
  await expect(buttons).toHaveCount(samples.length);
  return buttons.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.file));
}

test('with a GPU the strongest sample is the first, without one the quickest', async ({ page, server }) => {
  await page.addInitScript(() => {
    if (location.search.includes('real')) {
      Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false });
    }
  });
  await page.goto(`${server.url}?real`);
  expect(await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()))).toBe(true);
  expect(await readOrder(page)).toEqual(samples.map(({ file }) => file));
  const heading = page.getByRole('heading', { name: 'Or start with a sample' });
  await expect(heading).not.toContainText('without a GPU');

  // The adapter of these tests is a software one, and takes longer than WebAssembly.
  await page.goto(server.url);
  const order = await readOrder(page);
  await expect(heading).toContainText('without a GPU, the first ones are the quickest');
  const positions = order.map((name) => {
    const [, height, width] = samples.find(({ file }) => file === name)!.latent;
    return height * width;
  });
  // Those of about the same size stay as they were.
  for (const [i, count] of positions.slice(1).entries()) expect(count).toBeGreaterThan(positions[i]! - 1000);
  expect(positions[0]).toBeLessThan(5000);
  expect(positions.at(-1)).toBe(Math.max(...positions));
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('nothing is said of dropping, and where ComfyUI’s latents come from', async ({ page, server }) => {
    await page.goto(`${server.url}?backend=wasm`);
    const target = page.locator('leap-welcome .target');
    await expect(target.getByText('Open a latent or a picture')).toBeVisible();
    for (const words of ['Drop files here', 'Anywhere on the page'])
      await expect(target.getByText(words)).toBeHidden();
    await expect(target.getByText('the node SaveLatent')).toBeVisible();
    // Its words fit into the button, on narrower phones too.
    for (const width of [430, 390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      const button = target.getByRole('button', { name: 'Choose files' });
      const overflow = await button.evaluate((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect().width - node.clientWidth;
      });
      expect(overflow).toBeLessThan(0);
    }
  });
});
