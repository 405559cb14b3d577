import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { drop, expect, openSmall, pane, small, test, waitForBoth } from '../support/page-test';

async function expectNothingSerious(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious, ${colorScheme}`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${server.url}?backend=wasm`);
    await page.locator('leap-welcome .sample').first().waitFor();
    await expectNothingSerious(page);
    await drop(page, [small, { name: 'broken.latent', bytes: new Uint8Array(3) }]);
    await waitForBoth(page);
    await expectNothingSerious(page);
    await page.keyboard.press('f');
    await expectNothingSerious(page);
    await page.keyboard.press(']');
    await page.locator('leap-problem').waitFor();
    await expectNothingSerious(page);
    await page.keyboard.press('[');
    await page.getByRole('button', { name: 'right side' }).click();
    await page.locator('leap-choice .option').nth(3).waitFor();
    await expectNothingSerious(page);
    await page.getByRole('button', { name: 'All models' }).click();
    await page.locator('leap-models .model').first().waitFor();
    await expectNothingSerious(page);
  });
}

test('the whole way by keyboard: choose a sample, flip, swipe, zoom, pan', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const sample = page.locator('leap-welcome .sample[data-file="hubble_sdxl.latent"]');
  await sample.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('latent-compare .stage')).toBeFocused();
  await page.keyboard.press('f');
  await expect(pane(page, 'pixels')).toBeHidden();
  await expect(pane(page, 'lua')).toBeVisible();
  await page.keyboard.press(' ');
  await expect(pane(page, 'pixels')).toBeVisible();
  await expect(pane(page, 'lua')).toBeHidden();

  await page.keyboard.press('Escape');
  await drop(page, [small]);
  await waitForBoth(page);
  await page.keyboard.press('d');
  const picture = pane(page, 'lua').locator('.picture');
  for (let i = 0; i < 12; i++) await page.keyboard.press('+');
  await expect(page.locator('.level')).toHaveText('800 %');
  expect((await picture.boundingBox())?.width).toBe(128 * 8);
  await expect(picture.locator('canvas')).toHaveCSS('image-rendering', 'pixelated');
  const before = (await picture.boundingBox())!;
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await picture.boundingBox())?.x).toBe(before.x - 48);
  const boxes = await page
    .locator('.picture')
    .evaluateAll((all) => all.map((one) => one.getAttribute('style')));
  expect(boxes[0]).toBe(boxes[1]);

  await page.keyboard.press('s');
  await page.getByRole('slider').focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('slider')).toHaveAttribute('aria-valuenow', '0');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('slider')).toHaveAttribute('aria-valuenow', '2');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('slider')).toHaveAttribute('aria-valuenow', '10');
});

test('keys of one character can be left to the pictures', async ({ page, server }) => {
  await openSmall(page, server);
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: 'Keys of one character work everywhere' }).uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open files' }).focus();
  await page.keyboard.press('?');
  await page.keyboard.press('f');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(pane(page, 'pixels')).toBeVisible();
  await page.locator('.stage').focus();
  await page.keyboard.press('f');
  await expect(pane(page, 'pixels')).toBeHidden();
});

test('the divider follows the pointer, the wheel zooms at it', async ({ page, server }) => {
  await openSmall(page, server);
  const stage = (await page.locator('.stage').boundingBox())!;
  const at = (x: number) => [stage.x + x * stage.width, stage.y + stage.height / 2] as const;
  await page.mouse.move(...at(0.5));
  await page.mouse.down();
  await page.mouse.move(...at(0.25), { steps: 4 });
  await page.mouse.up();
  await expect(page.getByRole('slider')).toHaveAttribute('aria-valuenow', '25');
  await page.keyboard.press('1');
  await expect(page.locator('.level')).toHaveText('100 %');
  await page.mouse.wheel(0, -400);
  await expect(page.locator('.level')).not.toHaveText('100 %');
  // It is smooth as long as it is only a little larger, and fitted again it is never enlarged.
  const canvas = pane(page, 'lua').locator('canvas');
  await expect(canvas).toHaveCSS('image-rendering', 'auto');
  await page.keyboard.press('0');
  await expect(page.locator('.level')).toHaveText('100 %');
  expect((await canvas.boundingBox())?.width).toBe(128);
});

test('another factor keeps the part of the picture that is seen', async ({ page, server }) => {
  await openSmall(page, server);
  const picture = page.locator('.picture').first();
  const stage = (await page.locator('.stage').boundingBox())!;
  await page.mouse.move(stage.x + stage.width / 2 - 20, stage.y + stage.height / 2 - 10);
  for (let i = 0; i < 12; i++) await page.mouse.wheel(0, -300);
  await expect(page.locator('.level')).toHaveText('800 %');
  const before = (await picture.boundingBox())!;
  await page.getByRole('button', { name: '4×' }).click();
  await expect(page.locator('.level')).toHaveText('400 %');
  const after = (await picture.boundingBox())!;
  for (const side of ['x', 'y', 'width', 'height'] as const) expect(after[side]).toBeCloseTo(before[side], 0);
});

test('at 200 % zoom the picture has most of the window, and the panel of the models all of its buttons', async ({
  page,
  server,
}) => {
  const viewport = { width: 640, height: 400 };
  await page.setViewportSize(viewport);
  await openSmall(page, server);
  expect((await page.locator('.stage').boundingBox())!.height).toBeGreaterThan(viewport.height / 2);
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await expect(panel.locator('.option').nth(8)).toBeAttached();
  await expect
    .poll(async () => {
      const { y, height } = (await panel.boundingBox())!;
      return y >= 0 && y + height <= viewport.height;
    })
    .toBe(true);
  await expect(panel.getByRole('button', { name: 'Show' })).toBeInViewport({ ratio: 1 });
});

test('360 pixels wide: nothing sticks out, everything is there', async ({ page, server }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${server.url}?backend=wasm`);
  await page.locator('leap-welcome .sample').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await drop(page, [small]);
  await waitForBoth(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  for (const locator of [page.locator('.stage'), page.getByRole('button', { name: 'Save PNG' })]) {
    await locator.scrollIntoViewIfNeeded();
    const box = (await locator.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
  }
});
