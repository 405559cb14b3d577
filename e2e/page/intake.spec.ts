import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { decode, encode } from 'fast-png';
import { makeLargePng } from '../../src/testing/large-picture';
import {
  drop,
  expect,
  makeTransfer,
  measurePicture,
  pane,
  readPicture,
  readSample,
  sideLabel,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

const sample = readSample('retina_sd15.latent');

test.beforeEach(async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
});

test('a dropped file is read, explained, previewed and enlarged with both methods', async ({
  page,
  complaints,
}) => {
  await drop(page, [small]);
  await expect(page.getByLabel('Family')).toHaveValue('sdxl');
  await expect(page.getByLabel('Space')).toHaveValue('model');
  await expect(page.locator('leap-reading')).toContainText('[1, 4, 8, 8] F32');
  await expect(page.locator('leap-strip canvas')).toHaveCount(1);
  await waitForBoth(page);
  await expect(page.locator('leap-factors')).toContainText('128 × 128');
  await expect(page.getByTestId('device')).toContainText('WebAssembly');
  expect(complaints).toEqual([]);
});

test('a small file of a huge picture is refused without being decoded, and the next file is read', async ({
  page,
}) => {
  await drop(page, [{ name: 'huge.png', bytes: makeLargePng(20_000, 20_000) }]);
  await expect(page.locator('leap-problem')).toContainText('20000 x 20000 pixels');
  await drop(page, [small]);
  await expect(page.locator('leap-reading')).toContainText('[1, 4, 8, 8] F32');
});

test('a pasted file is taken', async ({ page }) => {
  const transfer = await makeTransfer(page, [sample]);
  await transfer.evaluate((clipboardData) => {
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await expect(page.getByRole('heading', { name: sample.name })).toBeVisible();
});

test('files chosen in the dialogue queue up', async ({ page }) => {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  const buffer = Buffer.from(sample.bytes);
  await (await chooser).setFiles(
    ['one.latent', 'two.latent'].map((name) => ({ name, mimeType: 'application/octet-stream', buffer })),
  );
  await expect(page.locator('leap-strip .frame')).toHaveCount(2);
  await expect(page.getByRole('heading', { name: 'one.latent' })).toBeVisible();
  await page.keyboard.press(']');
  await expect(page.getByRole('heading', { name: 'two.latent' })).toBeVisible();
});

test('the welcome compares two finished pictures at once', async ({ page }) => {
  const stage = page.locator('leap-welcome latent-compare');
  const box = (await stage.locator('.stage').boundingBox())!;
  expect(box.width).toBeGreaterThan(500);
  for (const side of ['left', 'right']) {
    const image = stage.locator(`img[slot=${side}]`);
    await expect(image).toHaveJSProperty('naturalWidth', 1120);
    expect((await image.boundingBox())?.width).toBeCloseTo(box.width, 0);
  }
  await expect(stage.locator('.tag')).toHaveText(['Decoded, then Lanczos', 'LUA']);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 3 });
  await page.mouse.up();
  await expect(stage.getByRole('slider')).toHaveAttribute('aria-valuenow', '25');
});

test('every sample is one click away and read as its own family', async ({ page }) => {
  const list = (await (await page.request.get(`${page.url().split('?')[0]}samples/samples.json`)).json()) as {
    file: string;
    family: string;
    latent: [number, number, number];
  }[];
  // Without a GPU the first one is the quickest, and the page says why.
  const samples = page.locator('leap-welcome .sample');
  await expect(page.getByRole('heading', { name: 'Or start with a sample' })).toContainText('without a GPU');
  const order = await samples.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.file));
  const thousands = order.map((file) => {
    const [, height, width] = list.find((one) => one.file === file)!.latent;
    return Math.round((height * width) / 1000);
  });
  expect(thousands).toEqual(thousands.toSorted((a, b) => a - b));
  expect(list.length).toBeGreaterThanOrEqual(6);
  expect(new Set(list.map(({ family }) => family)).size).toBeGreaterThanOrEqual(3);
  for (const { file, family } of list) {
    await page.locator(`leap-welcome .sample[data-file="${file}"]`).click();
    await expect(page.getByRole('heading', { name: file })).toBeVisible();
    await expect(page.getByLabel('Family')).toHaveValue(family);
    await page.getByRole('button', { name: `Remove ${file}` }).click({ force: true });
  }
});

test('another family is read anew when the person says so', async ({ page }) => {
  await drop(page, [small]);
  await waitForBoth(page);
  // A family that only the file's name tells is not sure, so the details stay unfolded.
  await page.getByLabel('Family').selectOption('sd15');
  await expect(page.locator('leap-reading')).toContainText('You chose it');
  await waitForBoth(page);
  await expect(page.locator('leap-inspector')).toContainText(/SD 1\.5, 8 × 8/);
});

test('a dropped picture is encoded for the chosen family and comes back in its own size', async ({
  page,
}) => {
  await drop(page, [{ name: 'stripes.png', bytes: await makeStripes(page) }]);
  await expect(page.locator('leap-reading')).toContainText('A picture of 52 × 36 px');
  await waitForBoth(page);
  await expect(page.locator('leap-factors')).toContainText('104 × 72');
  expect(await measurePicture(page, 'lua')).toMatchObject({ width: 104, height: 72 });
  // The photograph itself can take the left side.
  await expect(page.locator('leap-inspector')).toContainText('costs fine detail');
  await page.getByRole('button', { name: 'Original' }).click();
  await expect(page.locator('.pane[data-side=left] .tag')).toHaveText('Original52 × 36');
  await expect(page.locator('leap-side-label').first()).toContainText(
    /Original\s+in place of “Decoded, then Lanczos”/,
  );
  expect(await measurePicture(page, 'pixels')).toMatchObject({ width: 52, height: 36 });
});

test.describe(() => {
  // It would give the page the worker's script as it was built.
  test.use({ serviceWorkers: 'block' });

  test('a photograph whose result no canvas holds ends in a picture to look at, and is saved whole', async ({
    page,
  }) => {
    // What holds from 48 megapixels on, from a thousand pixels on: the large one takes an hour here.
    let changed = 0;
    await page.route(/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace('48e6', () => `${1e3 + changed++}`);
      await route.fulfill({ response, body });
    });
    await page.reload();
    await drop(page, [{ name: 'stripes.png', bytes: await makeStripes(page) }]);
    await waitForBoth(page);
    expect(changed).toBeGreaterThan(0);
    await expect(page.locator('leap-factors')).toContainText('104 × 72');
    await expect(sideLabel(page, 'lua')).toContainText('shown reduced, saved whole');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save PNG' }).click();
    const saved = decode(readFileSync(await (await download).path()));
    expect([saved.width, saved.height, saved.channels]).toEqual([104, 72, 3]);
    const shown = await readPicture(page, 'lua');
    expect(Buffer.from(saved.data).equals(Buffer.from(shown.rgba.filter((_, at) => at % 4 < 3)))).toBe(true);
  });
});

test('the results are measured, also by a picture of what they should be, chosen or dropped', async ({
  page,
}) => {
  await drop(page, [small]);
  await waitForBoth(page);
  await page.getByRole('button', { name: 'Measure' }).click();
  const table = page.locator('leap-measures');
  await expect(table.getByRole('row', { name: 'Sharpness' })).toHaveText(/Sharpness\s*\d+\.\d\d\s*\d+\.\d\d/);
  await expect(table.getByRole('row', { name: 'PSNR' })).toHaveCount(0);
  // The right picture itself as the reference.
  const png = await pane(page, 'lua')
    .locator('canvas')
    .evaluate((node: HTMLCanvasElement) => node.toDataURL('image/png').split(',')[1]!);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a reference picture' }).click();
  const buffer = Buffer.from(png, 'base64');
  await (await chooser).setFiles([{ name: 'truth.png', mimeType: 'image/png', buffer }]);
  await expect(table.getByRole('row', { name: 'PSNR' })).toHaveText(/PSNR\s*\d+\.\d\d dB\s*equal/);
  await expect(table.getByRole('row', { name: 'SSIM' })).toHaveText(/SSIM\s*0\.\d{4}\s*1\.0000/);
  await expect(table).toContainText('truth.png, 128 × 128 px');
  await page.getByRole('button', { name: 'Reference' }).first().click();
  await expect(pane(page, 'pixels').locator('.tag')).toContainText('truth.png');

  // It can be dropped on the measures, too, which are seen while it is dragged.
  await table.getByRole('button', { name: 'Remove it' }).click();
  await expect(table.getByRole('row', { name: 'PSNR' })).toHaveCount(0);
  const dataTransfer = await makeTransfer(page, [{ name: 'dropped.png', bytes: buffer }]);
  const clip = (await table.boundingBox())!;
  const before = decode(await page.screenshot({ clip }));
  await table.dispatchEvent('dragenter', { dataTransfer });
  await expect(page.getByText('Drop to open')).toBeVisible();
  expect(Buffer.from(decode(await page.screenshot({ clip })).data).equals(Buffer.from(before.data))).toBe(
    true,
  );
  await table.dispatchEvent('drop', { dataTransfer });
  await expect(page.getByText('Drop to open')).toHaveCount(0);
  await expect(table).toContainText('dropped.png, 128 × 128 px');
  await expect(table.getByRole('row', { name: 'PSNR' })).toHaveText(/PSNR\s*\d+\.\d\d dB\s*equal/);
  await expect(page.locator('leap-strip .frame')).toHaveCount(1);

  // One of another shape is stretched, which is said.
  await expect(table).not.toContainText('another shape');
  const wide = encode({ width: 64, height: 32, data: new Uint8Array(3 * 64 * 32).fill(99), channels: 3 });
  const again = page.waitForEvent('filechooser');
  await table.getByRole('button', { name: 'Another reference' }).click();
  await (await again).setFiles([{ name: 'wide.png', mimeType: 'image/png', buffer: Buffer.from(wide) }]);
  await expect(table).toContainText('It has another shape, so it is stretched');
});

test('files that the system opens with the installed page are in the queue, and one that is gone is named', async ({
  page,
}) => {
  await page.addInitScript(pretendLaunch, { name: small.name, bytes: [...small.bytes] });
  await page.reload();
  await expect(page.getByRole('heading', { name: small.name })).toBeVisible();
  await expect(page.locator('leap-strip .frame')).toHaveCount(1);
  await expect(page.locator('leap-reading')).toContainText('[1, 4, 8, 8] F32');
  await expect(page.locator('leap-notices')).toContainText('gone.latent cannot be opened');
});

test('encoding a photograph is shown and can be cancelled', async ({ page }) => {
  const text = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1600, 1200];
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'teal';
    // Half of it is transparent.
    context.fillRect(0, 0, 800, 1200);
    return canvas.toDataURL('image/png').split(',')[1]!;
  });
  await drop(page, [{ name: 'half.png', bytes: Buffer.from(text, 'base64') }]);
  const encoding = page.locator('leap-encoding');
  await expect(encoding.locator('canvas')).toHaveJSProperty('width', 1600);
  await expect(encoding).toContainText(/Encoding, \d+ of \d+ tiles/);
  await expect(page.locator('leap-notices')).toContainText('half.png is transparent in places');
  const clear = await encoding.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    return [...canvas.getContext('2d')!.getImageData(1200, 600, 1, 1).data];
  });
  expect(clear).toEqual([255, 255, 255, 255]);
  await encoding.getByRole('button', { name: 'Cancel' }).click();
  await expect(encoding).toHaveCount(0);
  await expect(page.locator('leap-problem')).toContainText(/cancelled/i);
  await expect(page.locator('leap-problem')).not.toContainText('Error code');
  // It did not go wrong.
  await expect(page.locator('leap-strip .frame')).toHaveAccessibleName(/not run/);
});

/** In the page: it was opened with two files, of which one has been deleted since. */
function pretendLaunch({ name, bytes }: { name: string; bytes: number[] }): void {
  const files = [
    { name: 'gone.latent', getFile: () => Promise.reject(new DOMException('', 'NotFoundError')) },
    { name, getFile: async () => new File([new Uint8Array(bytes)], name) },
  ];
  const setConsumer = (consumer: (launch: { files: typeof files }) => void) => consumer({ files });
  Object.defineProperty(window, 'launchQueue', { value: { setConsumer } });
}

/** A PNG of 52 x 36 pixels in many colours. */
async function makeStripes(page: Page): Promise<Buffer> {
  const text = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [52, 36];
    const context = canvas.getContext('2d')!;
    for (let x = 0; x < 52; x++) {
      context.fillStyle = `hsl(${x * 7} 80% ${30 + x}%)`;
      context.fillRect(x, 0, 1, 36);
    }
    return canvas.toDataURL('image/png').split(',')[1]!;
  });
  return Buffer.from(text, 'base64');
}
