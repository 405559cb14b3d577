import { expect, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { drawPair } from '../support/draw-pair';
import { shareSite } from '../support/embed-test';
import { makeLatentFile } from '../support/page-test';

/** The custom element on somebody else's page, from the built library. */

const site = shareSite();

test.beforeEach(async ({ page }) => {
  await site.open(page);
  await page.addStyleTag({ content: 'latent-compare { width: 600px; height: 400px }' });
});

test('two pictures are compared without worker and models, and exported with their labels', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await drawPair(page, 'subject="Colours"');
  await page.evaluate(() => import(`${location.origin}/lib/element.js`));
  const element = page.locator('latent-compare');
  await expect(element.locator('.tag')).toHaveText(['Before', 'After']);
  await expect(element.locator('.level')).toHaveText('100 %');
  const box = (await element.locator('.stage').boundingBox())!;
  await page.mouse.move(box.x + 300, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 240, box.y + 100, { steps: 3 });
  await page.mouse.up();
  await expect(element.getByRole('slider')).toHaveAttribute('aria-valuenow', '40');

  const exported = await element.evaluate(async (node: HTMLElement & { toBlob(): Promise<Blob> }) => {
    const image = await createImageBitmap(await node.toBlob());
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    const at = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
    return { size: [image.width, image.height], left: at(100, 150), right: at(140, 150), label: at(9, 12) };
  });
  expect(exported.size).toEqual([300, 200]);
  expect(exported.left).toEqual([255, 0, 0]);
  expect(exported.right).toEqual([0, 0, 255]);
  // Under the label's dark ground.
  expect(exported.label[0]).toBeLessThan(120);
  expect(asked.filter((url) => /worker|\.wasm|models/.test(url))).toEqual([]);

  // The divider goes with its mode, and who held it goes on with the pictures.
  await element.getByRole('slider').focus();
  await page.keyboard.press('f');
  await expect(element.getByRole('slider')).toHaveCount(0);
  await expect(element.locator('.stage')).toBeFocused();
  await page.keyboard.press('x');
  await expect(element.locator('.tag')).toHaveText(['Before − Afterdifference, 4 times as bright']);
  await page.keyboard.press('l');
  await page.mouse.move(box.x + 290, box.y + 150);
  await expect(element.locator('.loupe')).toBeVisible();
  await page.mouse.move(box.x + 2, box.y + 150);
  await expect(element.locator('.loupe')).toBeHidden();

  // By the keyboard alone: in the middle, then where the arrows take it, and not beyond the picture.
  const loupe = element.locator('.loupe');
  await page.keyboard.press('l');
  await page.keyboard.press('l');
  await expect(loupe).toBeVisible();
  const before = await loupe.evaluate((node) => (node as HTMLElement).style.left);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => loupe.evaluate((node) => (node as HTMLElement).style.left)).not.toBe(before);
  for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowRight');
  await expect(loupe).toBeVisible();
});

test('a latent is shown by its address, enlarged in two ways', async ({ page }) => {
  const { bytes } = makeLatentFile('waves', 4, 8);
  await page.route('**/waves_sdxl.safetensors', (route) => route.fulfill({ body: Buffer.from(bytes) }));
  const reports = await page.evaluate(async () => {
    const { createUpscaler } = (await import(`${location.origin}/lib/index.js`)) as typeof Client;
    await import(`${location.origin}/lib/element.js`);
    const element = document.createElement('latent-compare');
    element.upscaler = await createUpscaler({ models: '/models/', backend: 'wasm' });
    element.setAttribute('src', '/waves_sdxl.safetensors');
    element.setAttribute('family', 'sdxl');
    const done: { side: string; method: string; width: number }[] = [];
    return new Promise<typeof done>((resolve, reject) => {
      element.addEventListener('compare-done', (event) => {
        const { side, report } = (event as CustomEvent<{ side: string; report: Client.Report }>).detail;
        done.push({ side, method: report.method, width: report.width });
        if (done.length === 2) resolve(done);
      });
      element.addEventListener('compare-error', (event) => reject((event as CustomEvent<Error>).detail));
      document.body.append(element);
    });
  });
  expect(reports).toEqual([
    { side: 'left', method: 'pixels', width: 128 },
    { side: 'right', method: 'lua', width: 128 },
  ]);
  const element = page.locator('latent-compare');
  await expect(element.locator('.tag b')).toHaveText(['Decoded, then Lanczos', 'LUA']);
  await expect(element.locator('.status')).toHaveCount(0);
  await expect(element.locator('.pane canvas').first()).toHaveJSProperty('width', 128);
});

test('what cannot be shown is said on the stage', async ({ page }) => {
  await page.evaluate(async () => {
    await import(`${location.origin}/lib/element.js`);
    document.body.innerHTML = '<latent-compare src="/nowhere.latent" models="/models/"></latent-compare>';
  });
  const compare = page.locator('latent-compare');
  await expect(compare.getByRole('status')).toContainText('HTTP 404');
  // Nothing is compared.
  await expect(compare.locator('[part=label], [part=divider]')).toHaveCount(0);
});

test('taken out of the page by who hears that it is done, it computes nothing more', async ({ page }) => {
  const { bytes } = makeLatentFile('waves', 4, 8);
  await page.route('**/waves_sdxl.safetensors', (route) => route.fulfill({ body: Buffer.from(bytes) }));
  await page.evaluate(async () => {
    await import(`${location.origin}/lib/element.js`);
    const element = document.createElement('latent-compare');
    element.innerHTML = '<img slot="left" alt="mine">';
    for (const [name, value] of Object.entries({
      src: '/waves_sdxl.safetensors',
      family: 'sdxl',
      models: '/models/',
    }))
      element.setAttribute(name, value);
    document.body.append(element);
    await new Promise((resolve) => element.addEventListener('compare-done', resolve, { once: true }));
    element.remove();
  });
  // Its worker ends, and none is started for an update that was pending.
  await expect.poll(() => page.workers().length).toBe(0);
  await page.waitForTimeout(500);
  expect(page.workers()).toHaveLength(0);
});

test('attributes can be taken away: family and scale are asked for no more, without src slots are seen', async ({
  page,
}) => {
  const { bytes } = makeLatentFile('waves', 4, 8);
  await page.route('**/waves_sdxl.safetensors', (route) => route.fulfill({ body: Buffer.from(bytes) }));
  const widths = await page.evaluate(async () => {
    await import(`${location.origin}/lib/element.js`);
    document.body.innerHTML =
      '<latent-compare src="/waves_sdxl.safetensors" family="sd15" scale="4" models="/models/"><img slot="left" alt="mine"></latent-compare>';
    const element = document.querySelector('latent-compare')!;
    const made: number[] = [];
    const both = () =>
      new Promise<void>((resolve, reject) => {
        element.addEventListener('compare-error', (event) => reject((event as CustomEvent<Error>).detail));
        element.addEventListener('compare-done', (event) => {
          const { report } = (event as CustomEvent<{ report: Client.Report }>).detail;
          made.push(report.width);
          if (made.length % 2 === 0) resolve();
        });
      });
    await both();
    element.removeAttribute('family');
    element.removeAttribute('scale');
    made.length = 0;
    await both();
    return made;
  });
  expect(new Set(widths)).toEqual(new Set([128]));
  const element = page.locator('latent-compare');
  await expect(element.locator('.pane canvas')).toHaveCount(2);
  await element.evaluate((node) => node.removeAttribute('src'));
  await expect(element.locator('.pane canvas')).toHaveCount(0);
  await expect(element.locator('slot[name=left]')).toHaveCount(1);
  await expect(element.locator('.status')).toHaveCount(0);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('moved within the page it goes on, and its file is fetched once', async ({ page }) => {
  const bytes = [...makeLatentFile('waves', 4, 8).bytes];
  const found = await page.evaluate(async (bytes) => {
    await import(`${location.origin}/lib/element.js`);
    document.body.innerHTML = '<p></p><latent-compare family="sdxl" models="/models/"></latent-compare>';
    const element = document.querySelector('latent-compare')!;
    const widths: number[] = [];
    let errors = 0;
    // They bubble.
    document.body.addEventListener('compare-done', (event) => {
      widths.push((event as CustomEvent<{ report: Client.Report }>).detail.report.width);
    });
    document.body.addEventListener('compare-error', () => errors++);
    const until = async (count: number) => {
      while (widths.length < count && errors === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const src = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
    element.setAttribute('src', src);
    await until(1);
    document.body.prepend(element);
    await until(2);
    URL.revokeObjectURL(src);
    element.remove();
    await new Promise((resolve) => setTimeout(resolve, 50));
    document.body.append(element);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const shownAgain = element.shadowRoot!.querySelectorAll('.pane canvas').length;
    const finished = [...widths];
    element.setAttribute('scale', '4');
    await until(4);
    return { finished, shownAgain, widths, errors };
  }, bytes);
  expect(found).toEqual({ finished: [128, 128], shownAgain: 2, widths: [128, 128, 256, 256], errors: 0 });
});
