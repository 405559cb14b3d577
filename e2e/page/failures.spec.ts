import type { Locator } from '@playwright/test';
import { writeSafetensors } from '../../src/formats/index';
import {
  drop,
  expect,
  makeLatentFile,
  ourWorkers,
  readSample,
  sideLabel,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

test('a corrupt file gets a typed error and leaves the rest of the queue alone', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const whole = readSample('retina_sd15.latent');
  const truncated = { name: 'cut.latent', bytes: whole.bytes.slice(0, whole.bytes.length / 2) };
  const text = { name: 'notes.txt', bytes: new TextEncoder().encode('Not a latent at all.') };
  await drop(page, [truncated, text, small]);
  await expect(page.locator('leap-problem')).toContainText('damaged-file');
  await page.keyboard.press(']');
  await expect(page.locator('leap-problem')).toContainText('unknown-format');
  await expect(page.locator('leap-problem')).toContainText('Expected: safetensors (.latent too)');
  await page.keyboard.press(']');
  await waitForBoth(page);
});

test('a LoRA and a diffusion model are called what they are', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const bytes = new Uint8Array(4 * 16);
  const make = (name: string, tensor: string) => ({
    name,
    bytes: writeSafetensors([{ name: tensor, dtype: 'F32', shape: [1, 4, 2, 2], bytes }]),
  });
  await drop(page, [
    make('style.safetensors', 'lora_unet_down.lora_down.weight'),
    make('model.safetensors', 'model.diffusion_model.input_blocks.0.0.weight'),
  ]);
  const problem = page.locator('.problems leap-problem');
  await expect(problem).toContainText('This is a LoRA, not a latent');
  // There is no family to choose that would help.
  await expect(page.getByText('File and how it was read')).toHaveCount(0);
  await page.keyboard.press(']');
  await expect(problem).toContainText('This is a diffusion U-Net without a VAE, not a latent');
});

test('keys are listed, and this device is measured and described as text', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${server.url}?backend=wasm`);
  await page.locator('leap-welcome .sample').first().waitFor();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await expect(page.getByText('flip between the two pictures')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByTestId('device').getByRole('button').click();
  // The content is slotted into the dialogue, so it is not inside of it in the document.
  const dialog = page.locator('leap-device');
  await dialog.getByRole('button', { name: 'Measure' }).click();
  await expect(page.getByText(/LUA to 512 × 512 px: .* megapixels a second/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Copy as text' }).click();
  const text = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(text).toContain('Computes on WebAssembly');
  expect(await text()).toContain('Browser: Mozilla');
});

test('a killed worker is reported, and trying again starts a new one', async ({ page, server }) => {
  await page.addInitScript(keepWorkers);
  await page.goto(`${server.url}?backend=wasm`);
  // Large enough that seconds of work are left when its first progress is seen.
  await drop(page, [makeLatentFile('large_sdxl.safetensors', 4, 64)]);
  await expect(sideLabel(page, 'pixels')).toContainText(/Upscaling|Decoding|decode \S+ m?s/);
  await page.evaluate(() => dispatchEvent(new Event('kill-workers')));
  await expect(page.locator('leap-problem').first()).toContainText('worker-died');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await waitForBoth(page);
});

test('after a lost device the pictures still come, with a notice', async ({ page, server }) => {
  test.setTimeout(180_000);
  await page.goto(`${server.url}?backend=webgpu`);
  await drop(page, [makeLatentFile('first_sdxl.safetensors', 4, 4)]);
  await waitForBoth(page);
  await expect(page.getByTestId('device')).toContainText('WebGPU');
  for (const worker of ourWorkers(page)) await worker.evaluate(loseDeviceSoon);
  await drop(page, [makeLatentFile('second_sdxl.safetensors', 4, 4)]);
  await expect(page.getByRole('heading', { name: 'second_sdxl.safetensors' })).toBeVisible();
  await waitForBoth(page);
  await expect(page.locator('leap-notices li')).not.toHaveCount(0);
});

test.describe(() => {
  // It would give the page the worker's script as it was built, and models that the test keeps from it.
  test.use({ serviceWorkers: 'block' });

  test('an error stands in the middle of the stage, in a colour of its own', async ({ page, server }) => {
    await page.route('**/models/*.safetensors', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [{ name: 'notes.txt', bytes: new TextEncoder().encode('Not a latent at all.') }, small]);
    const unread = page.locator('.problems:not(.over) leap-problem');
    await expect(unread).toContainText('unknown-format');
    expect(await offCentre(unread, page.locator('.view'))).toBeLessThan(0.05);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const colours = await unread.locator('.title').evaluate(readColours);
      const apart = Math.hypot(...colours.title.map((level, i) => level - colours.accent[i]!));
      // Black and white are 442 apart.
      expect(apart).toBeGreaterThan(100);
    }
    await page.keyboard.press(']');
    const failed = page.locator('.problems.over');
    await expect(failed.locator('leap-problem').first()).toContainText('download-failed');
    await expect(sideLabel(page, 'lua')).toContainText('could not be fetched');
    expect(await offCentre(failed.locator('leap-problem'), page.locator('leap-compare .stage'))).toBeLessThan(
      0.1,
    );
  });

  test('a runtime that cannot be fetched is said to be that, and fetched when it is tried again', async ({
    page,
    server,
  }) => {
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [small]);
    const problem = page.locator('.problems leap-problem').first();
    await expect(problem).toContainText('The runtime could not be fetched');
    await expect(problem).toContainText('download-failed');
    await page.unroute('**/*.wasm');
    await problem.getByRole('button', { name: 'Try again' }).click();
    await waitForBoth(page);
  });

  test('a file on which its reader hangs is given up within minutes, and the next one is read', async ({
    page,
    server,
  }) => {
    test.setTimeout(120_000);
    await page.clock.install();
    await page.route(/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `(${hangOnFile})('hang.latent');${await response.text()}` });
    });
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [{ ...makeLatentFile('hang.latent', 4, 8) }, small]);
    const problem = page.locator('.problems leap-problem');
    await expect(page.locator('leap-strip .frame')).toHaveCount(2);
    // The reader is replaced after a minute; the file is tried once more, alone.
    for (let minute = 0; minute < 2; minute++) {
      await page.waitForTimeout(3000);
      await page.clock.runFor(61_000);
    }
    await expect(problem).toContainText('did not answer');
    await page.keyboard.press(']');
    await waitForBoth(page);
  });
});

/** How far the middle of all `parts` is from that of `whole`, in sizes of `whole`: the larger of both directions. */
async function offCentre(parts: Locator, whole: Locator): Promise<number> {
  const boxes = await Promise.all((await parts.all()).map((part) => part.boundingBox()));
  const { x, y, width, height } = (await whole.boundingBox())!;
  const middle = (edges: readonly (readonly [number, number])[]) =>
    (Math.min(...edges.map(([from]) => from)) + Math.max(...edges.map(([from, size]) => from + size))) / 2;
  const across = middle(boxes.map((box) => [box!.x, box!.width])) - (x + width / 2);
  const down = middle(boxes.map((box) => [box!.y, box!.height])) - (y + height / 2);
  return Math.max(Math.abs(across) / width, Math.abs(down) / height);
}

/** In the page: red, green and blue of an element's text, and of the accent. */
function readColours(node: Element): { title: number[]; accent: number[] } {
  const read = (element: Element) => getComputedStyle(element).color.match(/\d+/g)!.slice(0, 3).map(Number);
  const probe = document.createElement('i');
  probe.style.color = 'var(--accent)';
  document.body.append(probe);
  const accent = read(probe);
  probe.remove();
  return { title: read(node), accent };
}

/** Whoever looks into the file of that name never ends. */
function hangOnFile(name: string): void {
  const { slice } = Blob.prototype;
  Blob.prototype.slice = function (...args) {
    while (this instanceof File && this.name === name);
    return slice.apply(this, args);
  };
}

/** The event `kill-workers` ends all workers of the page at once, as a browser short of memory does. */
function keepWorkers(): void {
  const workers: Worker[] = [];
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  addEventListener('kill-workers', () => {
    for (const worker of workers) worker.terminate();
  });
}

/** The device is lost from the second piece of work on. */
function loseDeviceSoon(): void {
  const { createCommandEncoder } = GPUDevice.prototype;
  let calls = 0;
  GPUDevice.prototype.createCommandEncoder = function (...args) {
    if (++calls === 2) this.destroy();
    return createCommandEncoder.apply(this, args);
  };
}
