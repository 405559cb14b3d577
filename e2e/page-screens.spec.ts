import { readFileSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { expect, test } from './support/page-test';

/** The page on screens and settings that few of its makers have. */

/** Pixels by which the content is wider than its box. */
function overflowOf(locator: Locator): Promise<number> {
  return locator.evaluate((node) => node.scrollWidth - node.clientWidth);
}

test('2560 pixels wide, the welcome uses the width; the page can be installed', async ({ page, server }) => {
  await page.setViewportSize({ width: 2560, height: 1440 });
  await page.goto(`${server.url}?backend=wasm`);
  await page.locator('leap-welcome .sample').first().waitFor();
  const { width } = (await page.locator('leap-welcome').boundingBox())!;
  expect(width).toBeGreaterThan(2560 * 0.8);
  expect(await overflowOf(page.locator('html'))).toBe(0);

  const address = await page.locator('link[rel=manifest]').evaluate((link: HTMLLinkElement) => link.href);
  const manifest = await (await page.request.get(address)).json();
  const endings = manifest.file_handlers.flatMap(({ accept }: { accept: Record<string, string[]> }) =>
    Object.values(accept).flat(),
  );
  expect(endings).toEqual(expect.arrayContaining(['.latent', '.safetensors', '.npy', '.npz', '.pt']));
  const maskable = manifest.icons.find(({ purpose }: { purpose?: string }) => purpose === 'maskable');
  const icon = await page.request.get(new URL(maskable.src, address).href);
  const shipped = readFileSync(new URL('../public/icon-maskable-512.png', import.meta.url));
  expect(await icon.body()).toEqual(shipped);
});
