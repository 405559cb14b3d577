import type { Page } from '@playwright/test';
import { writeOnnxEnlarger } from '../../src/testing/graph/onnx-enlarger-file';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../src/testing/graph/upscaler-shapes';
import { makeCheckpoint, makeTorchCheckpoint } from '../support/make-checkpoint';
import {
  drop,
  expect,
  makeLatentFile,
  measurePicture,
  pane,
  sideLabel,
  type TestFile,
  test,
  waitForBoth,
} from '../support/page-test';

/** The upscalers that people have, narrow and with random weights; each as its authors publish the file. */
const nn = makeTorchCheckpoint('sdxl_resizer.pt', nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
const sd = makeCheckpoint('latent-upscaler.safetensors', sdLatentUpscalerShapes({ width: 8 }));
const lsr = makeTorchCheckpoint(
  'swinir-liif-latent-sdxl.pth',
  lsrShapes({ width: 12, depths: [2], heads: 2, features: 8, hidden: 16 }),
  { key: 'model', prefix: 'sd.' },
);

const SIZE = 8;

test.beforeEach(async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, SIZE)]);
  await waitForBoth(page);
});

/** Drops the file, and adds it for SDXL. @returns the form with its questions */
async function offer(page: Page, file: TestFile) {
  await drop(page, [file]);
  const form = page.locator('leap-inspector leap-add-model');
  await expect(form).toContainText(file.name);
  return form;
}

/** Adds what was dropped, and shows what it makes on the right, by the button of the notice. */
async function addAndShow(page: Page, file: TestFile): Promise<void> {
  await page.locator('leap-inspector leap-add-model').getByRole('button', { name: 'Add model' }).click();
  await expect(page.locator('leap-notices')).toContainText(`${file.name} was added`);
  await page.getByRole('button', { name: 'Show it on the right' }).click();
  await waitForBoth(page);
}

/** The factors that the inspector offers. */
function factors(page: Page) {
  return page.getByRole('group', { name: 'Scale' }).getByRole('button');
}

/** In the page: the factors of the entries that are kept for a reload. */
async function readKeptFactors(): Promise<number[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('latent-leap-work');
    request.onsuccess = () => resolve(request.result);
  });
  const all = database.transaction('queues').objectStore('queues').getAll();
  const values = await new Promise<{ items?: { scale: number }[] }[]>((resolve) => {
    all.onsuccess = () => resolve(all.result);
  });
  database.close();
  return values.flatMap(({ items = [] }) => items.map(({ scale }) => scale));
}

/** Waits for it: until the new picture is there, its place shows the one before, or nothing for a moment. */
async function expectPicture(page: Page, scale: number): Promise<void> {
  const edge = 8 * SIZE * scale;
  await expect(async () => {
    const picture = await measurePicture(page, 'lua');
    expect(picture).toMatchObject({ width: edge, height: edge });
    expect(picture.deviation).toBeGreaterThan(1);
  }).toPass({ timeout: 60_000 });
}

test('NNLatentUpscale: any factor up to 2, and 4 in two passes', async ({ page, complaints }) => {
  await expect(factors(page)).toHaveText(['2×', '4×']);
  const form = await offer(page, nn);
  await expect(form).toContainText('latent upscaler for 4 channels');
  await form.getByLabel('Family').selectOption('sdxl');
  await addAndShow(page, nn);
  await expectPicture(page, 2);
  await expect(factors(page)).toHaveText(['1.25×', '1.5×', '2×', '4×']);
  await factors(page).filter({ hasText: '1.5×' }).click();
  await waitForBoth(page);
  await expectPicture(page, 1.5);
  await factors(page).filter({ hasText: '4×' }).click();
  await waitForBoth(page);
  await expectPicture(page, 4);
  await expect(sideLabel(page, 'lua')).toContainText(`${nn.name}, two passes of 2×`);
  await expect(pane(page, 'lua').locator('.tag')).toContainText('two passes of 2×');
  expect(complaints).toEqual([]);
});

test('SD-Latent-Upscaler: its file does not say the factor, so the page asks and remembers', async ({
  page,
  complaints,
}) => {
  const form = await offer(page, sd);
  await form.getByLabel('Family').selectOption('sdxl');
  await expect(form).toContainText('does not say by how much it enlarges');
  await expect(form.getByLabel('Enlarges by').locator('option')).toHaveText([
    'Choose',
    '1.25×',
    '1.5×',
    '2×',
  ]);
  await form.getByLabel('Enlarges by').selectOption('1.5×');
  // It has no factor but this one, so the item goes there.
  await addAndShow(page, sd);
  await expectPicture(page, 1.5);
  await expect(factors(page)).toHaveText(['1.5×']);
  await expect(page.locator('leap-factors')).toContainText(`${sd.name} makes 1.5×`);

  // It is not asked again, not after a reload either: LUA has no 1.5, and this has no 2.
  await expect.poll(() => page.evaluate(readKeptFactors)).toContain(1.5);
  await page.reload();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await waitForBoth(page);
  await expectPicture(page, 1.5);
  await page.getByRole('button', { name: 'left side' }).click();
  const panel = page.getByRole('dialog', { name: 'left side' });
  await expect(panel.locator('.option').filter({ hasText: 'LUA' }).first()).toContainText('makes 2× and 4×');
  await panel.getByLabel('Latent Leap LUA').check();
  await expect(panel).toContainText(`The right side becomes “Decoded, then Lanczos”: ${sd.name} has no 2×.`);
  await panel.getByRole('button', { name: 'Show at 2×' }).click();
  await waitForBoth(page);
  await expect(sideLabel(page, 'lua')).toContainText('Decoded, then Lanczos');
  await expect(factors(page)).toHaveText(['2×', '4×']);
  expect(complaints).toEqual([]);
});

test('SD-Latent-Upscaler: what the name says is taken, and can be corrected', async ({ page }) => {
  const file = { ...sd, name: 'latent-upscaler-v2.1_SDxl-x1.25.safetensors' };
  const form = await offer(page, file);
  await expect(form.getByLabel('Enlarges by')).toHaveValue('1.25');
  await expect(form).toContainText('Its name says 1.25×');
  await form.getByLabel('Family').selectOption('sdxl');
  await form.getByLabel('Enlarges by').selectOption('2×');
  await addAndShow(page, file);
  await expectPicture(page, 2);
});

test('LSR: any factor up to 4', async ({ page, complaints }) => {
  const form = await offer(page, lsr);
  await form.getByLabel('Family').selectOption('sdxl');
  await addAndShow(page, lsr);
  await expect(factors(page)).toHaveText(['1.25×', '1.5×', '2×', '3×', '4×']);
  await factors(page).filter({ hasText: '3×' }).click();
  await waitForBoth(page);
  await expectPicture(page, 3);
  expect(complaints).toEqual([]);
});

test('an ONNX upscaler of pictures enlarges what was decoded, and the caption says so', async ({
  page,
  complaints,
}) => {
  const span = { name: 'span.onnx', bytes: writeOnnxEnlarger({ scale: 2 }) };
  const form = await offer(page, span);
  await expect(form).toContainText('pixel upscaler');
  await expect(page.locator('leap-model-file')).toContainText('A pixel upscaler that enlarges by 2.');
  // It enlarges pictures, whatever latent they come from, and its nodes tell by how much.
  await expect(form.getByLabel('Family')).toHaveCount(0);
  await expect(form.getByLabel('Enlarges by')).toHaveCount(0);
  await addAndShow(page, span);
  await expectPicture(page, 2);
  await expect(sideLabel(page, 'lua')).toContainText('Decoded, then span.onnx');
  await expect(pane(page, 'lua').locator('.tag')).toHaveText('Decoded, then span.onnxLeap decoder');
  await expect(factors(page)).toHaveText(['2×']);
  // Chosen in the panel of the other side, like everything else.
  await page.getByRole('button', { name: 'left side' }).click();
  const panel = page.getByRole('dialog', { name: 'left side' });
  await panel.getByLabel('Decoded, then span.onnx').check();
  await panel.getByRole('button', { name: 'Show' }).click();
  await expect(pane(page, 'pixels').locator('.tag')).toContainText('Decoded, then span.onnx');
  await waitForBoth(page);
  expect(complaints).toEqual([]);
});

for (const backend of ['wasm', 'webgpu']) {
  test(`an ONNX upscaler that was added with another factor than its own says so on ${backend}`, async ({
    page,
    server,
  }) => {
    if (backend === 'webgpu') {
      // The software adapter compiles LUA's shaders, which takes a busy machine more than a minute.
      test.setTimeout(240_000);
      await page.goto(`${server.url}?backend=webgpu`);
      await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, SIZE)]);
      await waitForBoth(page, 150_000);
    }
    const windows = { name: 'windows.onnx', bytes: writeOnnxEnlarger({ scale: 2, secret: true }) };
    const form = await offer(page, windows);
    await form.getByLabel('Enlarges by').selectOption('4×');
    await form.getByRole('button', { name: 'Add model' }).click();
    await expect(page.locator('leap-notices')).toContainText('windows.onnx was added');
    await page.getByRole('button', { name: 'Show it on the right' }).click();
    // What was there before comes back.
    const inspector = page.locator('leap-inspector');
    await expect(inspector).toContainText('this model has another factor');
    await expect(inspector).toContainText('The network enlarges by 2, not by 4.');
    await expect(inspector).toContainText('add it again with its own factor');
    // The model's fault is not laid at the door of the GPU.
    const device = page.getByTestId('device');
    await expect(device).toContainText(backend === 'wasm' ? 'WebAssembly' : 'WebGPU');
    await expect(page.locator('leap-notices')).not.toContainText(/another way|WebAssembly/);
  });
}

/** Answers for GitHub's raw files. @returns the addresses that were asked for, as they come in */
async function serveRawFiles(page: Page, body: Uint8Array): Promise<string[]> {
  const asked: string[] = [];
  await page.context().route('https://raw.githubusercontent.com/**', (route) => {
    asked.push(new URL(route.request().url()).pathname);
    // As GitHub sends them: for any origin, as bytes without a type.
    const headers = { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'application/octet-stream' };
    return route.fulfill({ headers, body: Buffer.from(body) });
  });
  return asked;
}

/** Chooses NNLatentUpscale of the catalogue on the right, and presses the button that fetches it. */
async function fetchAndShow(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await panel.getByLabel('NNLatentUpscale').check();
  await expect(panel).toContainText('GPL-3.0');
  await panel.getByRole('button', { name: 'Fetch and show' }).click();
}

test("the catalogue's NNLatentUpscale comes from a raw file of GitHub, at the commit that is named", async ({
  page,
  complaints,
}) => {
  const asked = await serveRawFiles(page, nn.bytes);
  await fetchAndShow(page);
  await expect(pane(page, 'lua').locator('.tag')).toContainText('NNLatentUpscale');
  await waitForBoth(page);
  await expectPicture(page, 2);
  expect(new Set(asked)).toEqual(
    new Set(['/Ttl/ComfyUi_NNLatentUpscale/08105da31dbd7a54569661e135835e73bd8064b0/sdxl_resizer.pt']),
  );
  await expect(factors(page)).toHaveText(['1.25×', '1.5×', '2×', '4×']);
  expect(complaints).toEqual([]);
});

for (const [what, bytes, code, said] of [
  ['cut short', nn.bytes.subarray(0, nn.bytes.length / 2), 'damaged-file', 'the file is damaged'],
  ['of another network', lsr.bytes, 'bad-weights', 'a model file is not what it should be'],
] as const) {
  test(`a raw file of GitHub that is ${what} is refused as ${code}`, async ({ page }) => {
    await serveRawFiles(page, bytes);
    await fetchAndShow(page);
    await expect(page.locator('leap-problem').first()).toContainText(code);
    // The picture from before stays.
    await expect(sideLabel(page, 'lua')).toContainText(`NNLatentUpscale, Leap decoder: ${said}`);
    await expect(pane(page, 'lua').locator('.tag')).toContainText('LUA');
    await expectPicture(page, 2);
  });
}

test("the catalogue's upscaler of pictures is fetched by its button, and enlarges what was decoded", async ({
  page,
  complaints,
}) => {
  let fetched = 0;
  await page.context().route('https://huggingface.co/**', (route) => {
    fetched++;
    const headers = { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'application/octet-stream' };
    return route.fulfill({ headers, body: Buffer.from(writeOnnxEnlarger({ scale: 2 })) });
  });
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await panel.getByLabel('Decoded, then Swin2SR lightweight').check();
  await expect(panel).toContainText('Apache-2.0');
  const show = panel.getByRole('button', { name: 'Fetch and show' });
  await expect(show).toBeEnabled();
  expect(fetched).toBe(0);
  await show.click();
  await expect(pane(page, 'lua').locator('.tag')).toContainText('Decoded, then Swin2SR lightweight');
  await waitForBoth(page);
  await expectPicture(page, 2);
  expect(fetched).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});
