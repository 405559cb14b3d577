import { readFileSync } from 'node:fs';
import type { Download, Page } from '@playwright/test';
import { decode } from 'fast-png';
import { unzipSync } from 'fflate';
import { readSafetensorsHeader, writeSafetensors } from '../../src/formats/index';
import { readPngTexts } from '../../src/picture/index';
import {
  compareSides,
  drop,
  expect,
  makeLatentFile,
  readPicture,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

const other = makeLatentFile('other_sdxl.safetensors', 4, 8);

const prompt = JSON.stringify({
  3: { class_type: 'KSampler', inputs: { seed: 4711, steps: 20 } },
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
  6: { class_type: 'CLIPTextEncode', inputs: { text: 'ein Fuchs im Schnee, 狐' } },
});
const workflow = JSON.stringify({ nodes: [{ id: 3 }], version: 0.4 });

/** A latent as ComfyUI's SaveLatent writes it. */
function makeComfyLatent(name: string) {
  const values = Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(0.7 * i) + Math.cos(i / 9));
  const tensors = [
    {
      name: 'latent_tensor',
      dtype: 'F32' as const,
      shape: [1, 4, 8, 8],
      bytes: new Uint8Array(values.buffer),
    },
    { name: 'latent_format_version_0', dtype: 'F32' as const, shape: [0], bytes: new Uint8Array(0) },
  ];
  return { name, bytes: writeSafetensors(tensors, { prompt, workflow }) };
}

test.beforeEach(async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
});

test('ComfyUI’s workflow is shown, and is in the PNG and in the .latent that are saved', async ({ page }) => {
  await drop(page, [makeComfyLatent('ComfyUI_00001_.latent')]);
  await waitForBoth(page);
  await page.getByText('ComfyUI workflow').click();
  const panel = page.locator('leap-workflow');
  await expect(panel).toContainText('4711');
  await expect(panel).toContainText('sd_xl_base_1.0.safetensors');
  await expect(panel).toContainText('ein Fuchs im Schnee, 狐');

  const png = await save(page, 'Save PNG');
  const texts = await readPngTexts(new Blob([new Uint8Array(png.bytes)]), ['prompt', 'workflow']);
  expect(JSON.parse(texts.prompt!)).toEqual(JSON.parse(prompt));
  expect(JSON.parse(texts.workflow!)).toEqual(JSON.parse(workflow));

  await page.getByText('Save the latent').click();
  const latent = await save(page, 'ComfyUI .latent');
  expect(readSafetensorsHeader(latent.bytes, latent.bytes.length).metadata).toMatchObject({
    prompt,
    workflow,
  });
});

test('a picture is saved as JPEG and WebP, copied, dragged out, and compared in one picture', async ({
  page,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await drop(page, [small]);
  await waitForBoth(page);
  for (const [format, label, ending, magic] of [
    ['jpeg', 'JPEG', 'jpg', '\xff\xd8\xff'],
    ['webp', 'WebP', 'webp', 'RIFF'],
  ] as const) {
    await page.getByLabel('Format of the picture').selectOption(format);
    await expect(page.getByText('92 %')).toBeVisible();
    const file = await save(page, `Save ${label}`);
    expect(file.name).toBe(`waves_sdxl-lua-x2.${ending}`);
    expect(file.bytes.toString('latin1').startsWith(magic)).toBe(true);
  }

  await page.getByRole('button', { name: 'Copy picture' }).click();
  await expect(page.getByRole('log')).toContainText('in the clipboard');
  // Those who see the page are told, too.
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const bytes = new Uint8Array(await (await item!.getType('image/png')).arrayBuffer());
    return [...bytes];
  });
  await expectSamePicture(page, Buffer.from(copied));

  const lossy = await save(page, 'Save comparison');
  expect(lossy.name).toBe('waves_sdxl-comparison-x2.webp');
  expect(lossy.bytes.toString('latin1').startsWith('RIFF')).toBe(true);
  // From here on, as what can be dragged is made when the format is chosen.
  await page.evaluate(keepBlobs);
  await page.getByLabel('Format of the picture').selectOption('png');
  await expect(page.getByText('92 %')).toHaveCount(0);
  const comparison = await save(page, 'Save comparison');
  expect(comparison.name).toBe('waves_sdxl-comparison-x2.png');
  expect([comparison.bytes.readUInt32BE(16), comparison.bytes.readUInt32BE(20)]).toEqual([128, 128]);
  // The beginning of a label that is too wide for its half stands on it all the same: seven tenths black.
  const { data, channels } = decode(comparison.bytes);
  const left = await readPicture(page, 'pixels');
  const at = 10 * left.width + 10;
  for (let c = 0; c < 3; c++) {
    expect(Math.abs(data[channels * at + c]! - 0.3 * left.rgba[4 * at + c]!)).toBeLessThan(2);
  }

  // Last: the drag that the browser has begun is never ended.
  const dragged = await dragOut(page);
  expect(dragged.start).toMatch(/^image\/png:waves_sdxl-lua-x2\.png:blob:/);
  await expectSamePicture(page, dragged.bytes);
});

test('on a phone a bar at the lower edge, in reach of the thumb, saves the right picture', async ({
  page,
}) => {
  const phone = { width: 390, height: 844 };
  await page.setViewportSize(phone);
  await drop(page, [small]);
  await waitForBoth(page);
  const bar = page.locator('leap-quick-save');
  const button = bar.getByRole('button', { name: 'Save picture' });
  // The inspector's own button is further down than the thumb reaches.
  await expect(page.getByRole('button', { name: 'Save PNG' })).not.toBeInViewport();
  for (const down of [0, 200, 10_000]) {
    await page.evaluate((y) => scrollTo(0, y), down);
    const { y, height } = (await bar.boundingBox())!;
    expect(y + height).toBeCloseTo(phone.height, 0);
    const { height: target } = (await button.boundingBox())!;
    expect(target).toBeGreaterThanOrEqual(44);
    await expect(button).toBeInViewport({ ratio: 1 });
  }
  await expect(bar).toContainText(`LUA, ${small.name}`);
  expect(await compareSides(page)).toBeGreaterThan(0);
  const picture = await save(page, 'Save picture');
  expect(picture.name).toBe('waves_sdxl-lua-x2.png');
  await expectSamePicture(page, picture.bytes);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(bar).toBeHidden();
});

test('a picture that was copied can be pasted, and is encoded like any photograph', async ({ page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await drop(page, [small]);
  await waitForBoth(page);
  await page.getByRole('button', { name: 'Copy picture' }).click();
  await expect(page.getByRole('log')).toContainText('in the clipboard');
  // The browser's own key: the paste has what the system's clipboard holds.
  await page.locator('.stage').focus();
  await page.keyboard.press('Control+v');
  await expect(page.locator('leap-strip .frame')).toHaveCount(2);
  await expect(page.locator('leap-reading')).toContainText('A picture of 128 × 128 px', { timeout: 60_000 });
});

test('everything is saved as one zip, or into a folder without replacing what is there', async ({ page }) => {
  await page.evaluate(() => {
    delete (window as { showDirectoryPicker?: unknown }).showDirectoryPicker;
  });
  await drop(page, [small, other, small]);
  await expect(page.getByRole('button', { name: 'Save all that are finished (3)' })).toBeVisible();
  const zip = await save(page, 'Save all that are finished (3)');
  expect(zip.name).toBe('latent-leap.zip');
  const names = Object.keys(unzipSync(new Uint8Array(zip.bytes)));
  expect(names).toEqual(['waves_sdxl-lua-x2.png', 'other_sdxl-lua-x2.png', 'waves_sdxl-lua-x2 (2).png']);

  // The browser's own file system in place of a person who picks a folder.
  await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    await folder.getFileHandle('other_sdxl-lua-x2.png', { create: true });
    Object.assign(window, { showDirectoryPicker: async () => folder });
  });
  await page.getByRole('button', { name: 'Save all that are finished (3)' }).click();
  await expect(page.locator('leap-save')).toContainText('3 pictures were saved to the folder');
  const saved = await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const sizes: Record<string, number> = {};
    for await (const [name, handle] of (folder as unknown as Map<string, FileSystemFileHandle>).entries()) {
      sizes[name] = (await handle.getFile()).size;
    }
    return sizes;
  });
  expect(saved['other_sdxl-lua-x2.png']).toBe(0);
  expect(saved['other_sdxl-lua-x2 (2).png']).toBeGreaterThan(1000);
  expect(Object.keys(saved)).toHaveLength(4);
});

/** Every byte of the picture that is shown on the right. */
async function expectSamePicture(page: Page, png: Buffer): Promise<void> {
  const { width, height, data, channels } = decode(png);
  const shown = await readPicture(page, 'lua');
  expect([width, height]).toEqual([shown.width, shown.height]);
  const wanted = shown.rgba.filter((_, at) => at % 4 < channels);
  expect(Buffer.from(data).equals(Buffer.from(wanted))).toBe(true);
}

/** In the page, whose policy lets nobody fetch from such an address: what is behind each. */
function keepBlobs(): void {
  const blobs = new Map<string, Blob | MediaSource>();
  Object.assign(globalThis, { blobs });
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob);
    blobs.set(url, blob);
    return url;
  };
}

/** Takes hold of the picture and moves it, as a mouse does, until the browser asks its system for a drag. */
async function dragOut(page: Page): Promise<{ start: string; bytes: Buffer }> {
  const drag = page.locator('leap-save .drag');
  await drag.scrollIntoViewIfNeeded();
  const { x, y } = (await drag.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  await session.send('Input.setInterceptDrags', { enabled: true });
  const dragged = new Promise<void>((resolve) => session.once('Input.dragIntercepted', () => resolve()));
  // What the page gives the drag is gone with its event.
  const start = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('dragstart', (event) => {
          const text = event.dataTransfer!.getData('DownloadURL');
          if (text) resolve(text);
        });
      }),
  );
  const mouse = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased', dx: number) =>
    session.send('Input.dispatchMouseEvent', {
      type,
      x: x + 20 + dx,
      y: y + 10,
      button: type === 'mouseMoved' && dx === 0 ? 'none' : 'left',
      buttons: type === 'mousePressed' || dx > 0 ? 1 : 0,
      clickCount: 1,
    });
  // It is encoded as soon as the pointer is over it; a drag before that does nothing.
  for (let begun = false; !begun; ) {
    await mouse('mouseMoved', 0);
    await mouse('mousePressed', 0);
    for (const step of [4, 12, 40]) await mouse('mouseMoved', step);
    begun = await Promise.race([dragged.then(() => true), page.waitForTimeout(500).then(() => false)]);
    if (!begun) await mouse('mouseReleased', 40);
  }
  const text = await start;
  const address = text.slice(text.indexOf('blob:'));
  const bytes = await page.evaluate(async (url) => {
    const blob = (globalThis as unknown as { blobs: Map<string, Blob> }).blobs.get(url)!;
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, address);
  await session.detach();
  return { start: text, bytes: Buffer.from(bytes) };
}

async function save(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readDownload(await download);
}

async function readDownload(file: Download): Promise<{ name: string; bytes: Buffer }> {
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
