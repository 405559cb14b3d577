import type { Locator, Page } from '@playwright/test';
import { decode } from 'fast-png';
import { writeSafetensors } from '../../src/formats/index';
import { drop, expect, openSmall, pane, readPicture, small, test, waitForBoth } from '../support/page-test';

/** Four times as wide as high. */
function makeWideFile(name: string) {
  const values = Float32Array.from({ length: 4 * 6 * 24 }, (_, i) => Math.sin(0.7 * i) + Math.cos(i / 9));
  const bytes = new Uint8Array(values.buffer);
  return { name, bytes: writeSafetensors([{ name: 'latents', dtype: 'F32', shape: [1, 4, 6, 24], bytes }]) };
}

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test('side by side on a phone every picture has its own label on it, beside or above the other', async ({
    page,
    server,
  }) => {
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [small, makeWideFile('wide_sdxl.safetensors')]);
    await waitForBoth(page);
    await page.getByRole('button', { name: 'Side by side' }).click();
    const square = await expectLabelled(page);
    expect(square.right.y).toBe(square.left.y);
    expect(square.right.x).toBeGreaterThanOrEqual(square.left.x + square.left.width);

    await page.keyboard.press(']');
    await expect(page.getByRole('heading', { name: 'wide_sdxl.safetensors' })).toBeAttached();
    await waitForBoth(page);
    const wide = await expectLabelled(page);
    expect(wide.right.x).toBe(wide.left.x);
    expect(wide.right.y).toBeGreaterThanOrEqual(wide.left.y + wide.left.height);
  });
});

test('the key X shows how the two pictures differ, four times as bright', async ({ page, server }) => {
  await openSmall(page, server);
  await page.keyboard.press('x');
  await expect(page.getByRole('button', { name: 'Difference' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('.stage > .tag')).toHaveText(
    'Decoded, then Lanczos − LUAdifference, 4 times as bright',
  );
  await expect(page.locator('.pane .tag')).toHaveCount(0);
  await expect(page.locator('.level')).toHaveText('100 %');

  const [left, right] = [await readPicture(page, 'pixels'), await readPicture(page, 'lua')];
  const clip = (await pane(page, 'lua').locator('canvas').boundingBox())!;
  const { data, channels } = decode(await page.screenshot({ clip }));
  // Its lower half: the label is above.
  let [worst, brightest] = [0, 0];
  for (let pixel = (left.width * left.height) / 2; pixel < left.width * left.height; pixel++) {
    for (let c = 0; c < 3; c++) {
      const apart = Math.abs(left.rgba[4 * pixel + c]! - right.rgba[4 * pixel + c]!);
      const shown = data[channels * pixel + c]!;
      worst = Math.max(worst, Math.abs(shown - Math.min(4 * apart, 255)));
      brightest = Math.max(brightest, shown);
    }
  }
  expect(brightest).toBeGreaterThan(40);
  // One level of 255, times four.
  expect(worst).toBeLessThanOrEqual(4);

  await page.keyboard.press('s');
  await expect(page.locator('.pane .tag')).toHaveCount(2);
});

test('a label too wide for its half of a small picture ends in dots, its note below it', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [small]);
  await waitForBoth(page);
  for (const method of ['pixels', 'lua'] as const) {
    const tag = pane(page, method).locator('.tag');
    const [name, note] = [tag.locator('b'), tag.locator('span')];
    const box = await boxOf(tag);
    expectWithin(await boxOf(name), box);
    expectWithin(await boxOf(note), box);
    expect((await boxOf(note)).y).toBeGreaterThan((await boxOf(name)).y);
    await expect(name).toHaveCSS('text-overflow', 'ellipsis');
  }
  // Side by side there is twice the room, so that LUA's label is whole.
  await page.keyboard.press('d');
  const name = pane(page, 'lua').locator('.tag b');
  expect(await name.evaluate((node) => node.scrollWidth <= node.clientWidth)).toBe(true);
});

/** Each label lies on its own half and at its picture, which is whole. */
async function expectLabelled(page: Page) {
  const half = async (method: 'pixels' | 'lua', name: string) => {
    const place = pane(page, method);
    await expect(place.locator('.tag')).toContainText(name);
    await expect(place.locator('.tag')).toBeInViewport({ ratio: 1 });
    const box = await boxOf(place);
    expectWithin(await boxOf(place.locator('.tag')), box);
    expectWithin(await boxOf(place.locator('canvas')), box);
    return box;
  };
  return { left: await half('pixels', 'Decoded, then Lanczos'), right: await half('lua', 'LUA') };
}

async function boxOf(locator: Locator) {
  return (await locator.boundingBox())!;
}

type Box = Awaited<ReturnType<typeof boxOf>>;

function expectWithin(inner: Box, outer: Box): void {
  expect(inner.x).toBeGreaterThanOrEqual(outer.x);
  expect(inner.y).toBeGreaterThanOrEqual(outer.y);
  expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width);
  expect(inner.y + inner.height).toBeLessThanOrEqual(outer.y + outer.height);
}
