import { decode } from 'fast-png';
import { drop, expect, makeLatentFile, pane, sideLabel, test, waitForBoth } from '../support/page-test';

/** What is seen before there is a picture. */

/** Positions of the latent; each is this many pixels of the enlarged picture wide. */
const SIDE = 16;
const SQUARE = 16;

test('before any model is there a smooth preview is seen, not squares', async ({ page, server }) => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/models/*.safetensors', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, SIDE)]);
  await expect(sideLabel(page, 'pixels')).toContainText(/Checking the device|Fetching the model/);
  await page.keyboard.press('f');
  await expect(pane(page, 'lua').locator('.tag')).toContainText('rough preview');
  await expect(page.locator('.level')).toHaveText('100 %');
  const clip = (await pane(page, 'lua').locator('canvas').boundingBox())!;
  expect(clip.width).toBe(SIDE * SQUARE);
  const { width, height, channels, data } = decode(await page.screenshot({ clip }));
  // Without the label at the top.
  const first = height / 2;
  const jump = (apart: number) => {
    let largest = 0;
    for (let y = first; y < height; y++) {
      for (let x = apart; x < width; x++) {
        const [here, there] = [(y * width + x) * channels, (y * width + x - apart) * channels];
        largest = Math.max(largest, Math.abs(data[here]! - data[there]!));
      }
    }
    return largest;
  };
  // Squares would change by all of it from one pixel to the next.
  expect(jump(SQUARE)).toBeGreaterThan(40);
  expect(jump(1)).toBeLessThan(jump(SQUARE) / 4);
  // Rough previews have no difference that would tell something.
  await page.keyboard.press('x');
  await expect(page.locator('.stage > .tag')).toHaveText('Difference needs both pictures');
  await expect(pane(page, 'lua').locator('canvas')).toBeHidden();
  letGo();
  await waitForBoth(page);
  await expect(pane(page, 'lua').locator('canvas')).toBeVisible();
});
