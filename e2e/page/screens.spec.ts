import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { writeSafetensors } from '../../src/formats/index';
import { drop, expect, small, type TestFile, test, waitForBoth } from '../support/page-test';

/** The page on screens and settings that few of its makers have. */

async function openLatent(page: Page, url: string, file: TestFile = small): Promise<void> {
  await page.goto(`${url}?backend=wasm`);
  await drop(page, [file]);
  await waitForBoth(page);
}

/** Pixels by which the content is wider than its box. */
function overflowOf(locator: Locator): Promise<number> {
  return locator.evaluate((node) => node.scrollWidth - node.clientWidth);
}

test('forced colours, a name of 200 letters, letters of twice the size', async ({ page, server }) => {
  await openLatent(page, server.url, { ...small, name: `${'x'.repeat(188)}.safetensors` });
  const inspector = page.locator('leap-inspector');
  const heading = inspector.getByRole('heading', { name: 'xxx' });
  await expect(heading).toContainText('x'.repeat(188));
  expect(await overflowOf(inspector)).toBe(0);

  await page.emulateMedia({ forcedColors: 'active' });
  const groups = [inspector.getByRole('group', { name: 'Scale' }), page.locator('.bar')];
  for (const group of groups) {
    const looks = (pressed: boolean) =>
      group
        .locator(`[aria-pressed=${pressed}]`)
        .first()
        .evaluate((node) => {
          const { color, backgroundColor } = getComputedStyle(node);
          return { color, backgroundColor };
        });
    const [on, off] = [await looks(true), await looks(false)];
    expect(on.backgroundColor).not.toBe(off.backgroundColor);
    expect(on.backgroundColor).not.toBe(on.color);
  }
  // A finished item's dot is full.
  const dot = await page.locator('leap-strip .dot.done').evaluate((node) => {
    const { borderTopColor, backgroundColor } = getComputedStyle(node);
    return { border: borderTopColor, ground: backgroundColor };
  });
  expect(dot.ground).toBe(dot.border);
  await page.emulateMedia({ forcedColors: 'none' });

  // What a browser's own setting of the font size does.
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  await expect(heading).toHaveCSS('font-size', '32px');
  expect(await overflowOf(page.locator('html'))).toBe(0);
  expect(await overflowOf(inspector)).toBe(0);
  // What made each picture is still to be read, above the button that changes it.
  const name = page.locator('leap-side-label .name').first();
  expect((await name.boundingBox())!.width).toBeGreaterThan(200);
  await expect(page.locator('leap-side-label .times').first()).toBeInViewport({ ratio: 1 });
});

test('2560 pixels wide, the welcome uses the width; the page can be installed', async ({ page, server }) => {
  await page.setViewportSize({ width: 2560, height: 1440 });
  await page.goto(`${server.url}?backend=wasm`);
  await page.locator('leap-welcome .sample').first().waitFor();
  const { width } = (await page.locator('leap-welcome').boundingBox())!;
  expect(width).toBeGreaterThan(2560 * 0.8);
  expect(await overflowOf(page.locator('html'))).toBe(0);

  // The button says the other theme, also when it is the system that has changed.
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.getByRole('button', { name: 'Light theme' })).toBeVisible();
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.getByRole('button', { name: 'Dark theme' })).toBeVisible();

  const address = await page.locator('link[rel=manifest]').evaluate((link: HTMLLinkElement) => link.href);
  const manifest = await (await page.request.get(address)).json();
  const endings = manifest.file_handlers.flatMap(({ accept }: { accept: Record<string, string[]> }) =>
    Object.values(accept).flat(),
  );
  expect(endings).toEqual(expect.arrayContaining(['.latent', '.safetensors', '.npy', '.npz', '.pt']));
  const maskable = manifest.icons.find(({ purpose }: { purpose?: string }) => purpose === 'maskable');
  const icon = await page.request.get(new URL(maskable.src, address).href);
  const shipped = readFileSync(new URL('../../public/icon-maskable-512.png', import.meta.url));
  expect(await icon.body()).toEqual(shipped);
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('every button is at least 44 pixels high and wide', async ({ page, server }) => {
    await openLatent(page, server.url);
    const buttons = page.getByRole('button').filter({ visible: true });
    const sizes = await buttons.evaluateAll((all) =>
      all.map((node) => {
        const { width, height } = node.getBoundingClientRect();
        return { name: node.getAttribute('aria-label') ?? node.textContent!.trim(), width, height };
      }),
    );
    expect(sizes.length).toBeGreaterThan(8);
    expect(sizes.filter(({ width, height }) => Math.min(width, height) < 43.9)).toEqual([]);
  });

  test('the middle of a frame in the queue chooses it; its place in the batch is on it', async ({
    page,
    server,
  }) => {
    const bytes = new Uint8Array(Float32Array.from({ length: 3 * 256 }, (_, i) => Math.sin(i / 3)).buffer);
    const batch = { name: 'latents', dtype: 'F32' as const, shape: [3, 4, 8, 8], bytes };
    await openLatent(page, server.url, {
      name: 'three_sdxl.safetensors',
      bytes: writeSafetensors([batch]),
    });
    const frames = page.locator('leap-strip .frame');
    const { x, y, width, height } = (await frames.nth(1).boundingBox())!;
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    await expect(frames.nth(1)).toHaveAttribute('aria-current', 'true');
    await expect(frames).toHaveCount(3);
    const place = (await frames.nth(1).getByText('2 of 3').boundingBox())!;
    expect(place.y + place.height).toBeLessThan(y + height);
  });

  test('the picture is most of a phone’s width, also while something is measured', async ({
    page,
    server,
  }) => {
    await openLatent(page, server.url);
    const stage = page.locator('latent-compare .stage');
    const { height } = (await stage.boundingBox())!;
    expect(height).toBeGreaterThan(330);
    const [measure, loupe] = ['Measure', 'Loupe'].map((name) => page.getByRole('button', { name }));
    expect((await measure!.boundingBox())!.y).toBe((await loupe!.boundingBox())!.y);
    await measure!.click();
    await expect(page.locator('leap-measures')).toBeVisible();
    expect((await stage.boundingBox())!.height).toBe(height);
  });
});
