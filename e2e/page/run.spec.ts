import { readSafetensorsHeader, readTensorFile } from '../../src/formats/index';
import {
  compareSides,
  drop,
  expect,
  makeLatentFile,
  measurePicture,
  openSmall,
  ourWorkers,
  pane,
  readPicture,
  sideLabel,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

test('wasm: a 32x32 latent at x2 gives two different pictures, saved as PNG and as latents', async ({
  page,
  server,
  complaints,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_flux1.safetensors', 16, 32)]);
  await waitForBoth(page);
  const lua = await measurePicture(page, 'lua');
  expect(lua).toMatchObject({ width: 512, height: 512 });
  expect(lua.deviation).toBeGreaterThan(5);
  expect(await compareSides(page)).toBeGreaterThan(2);

  const png = await save('Save PNG');
  await page.getByText('Save the latent').click();
  expect(png.name).toBe('waves_flux1-lua-x2.png');
  expect([...png.bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([512, 512]);

  const comfyui = await save('ComfyUI .latent');
  expect(comfyui.name).toBe('waves_flux1-lua-x2.latent');
  const { entries } = readSafetensorsHeader(comfyui.bytes, comfyui.bytes.length);
  expect(entries.get('latent_tensor')?.shape).toEqual([1, 16, 64, 64]);
  expect(entries.has('latent_format_version_0')).toBe(true);

  const plain = await save('safetensors');
  expect(readTensorFile(plain.bytes).tensors[0]?.shape.slice(-3)).toEqual([16, 64, 64]);
  const diffusers = await save('For diffusers');
  expect(diffusers.name).toBe('waves_flux1-lua-x2.diffusers.safetensors');
  // Packed as its FLUX pipelines pass it on: [1, h * w / 4, 64].
  expect(readTensorFile(diffusers.bytes).tensors[0]?.shape).toEqual([1, 1024, 64]);
  const npy = await save('npy');
  expect(readTensorFile(npy.bytes).container).toBe('npy');
  expect(complaints).toEqual([]);

  async function save(button: string): Promise<{ name: string; bytes: Buffer }> {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button, exact: true }).click();
    const file = await download;
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    return { name: file.suggestedFilename(), bytes: Buffer.concat(chunks) };
  }
});

test('WebGPU: an 8x8 latent at x2 on the software adapter, which is made ready before', async ({
  page,
  server,
  complaints,
}) => {
  test.setTimeout(180_000);
  await page.goto(`${server.url}?backend=webgpu`);
  await page.evaluate(recordPhases);
  await drop(page, [small]);
  await waitForBoth(page, 150_000);
  await expect(page.getByTestId('device')).toContainText(/WebGPU.*SwiftShader/i);
  const lua = await measurePicture(page, 'lua');
  expect(lua).toMatchObject({ width: 128, height: 128 });
  expect(lua.deviation).toBeGreaterThan(5);
  expect(complaints).toEqual([]);

  const phases = await page.evaluate(() => (globalThis as unknown as { phases: string[] }).phases);
  const running = phases.indexOf('Decoding');
  expect(phases.indexOf('Getting the device ready')).toBeGreaterThanOrEqual(0);
  expect(phases.indexOf('Getting the device ready')).toBeLessThan(running);
  // Once it counts as the first picture's time there is nothing left to get ready.
  expect(phases.slice(running)).not.toContain('Getting the device ready');
});

test('a GPU in software is left for WebAssembly, and the page says so', async ({
  page,
  server,
  complaints,
}) => {
  await page.goto(server.url);
  await drop(page, [small]);
  await waitForBoth(page);
  await expect(page.getByTestId('device')).toContainText('WebAssembly');
  await expect(page.locator('leap-notices')).toContainText(
    /WebGPU would run on the processor here \(.*SwiftShader.*\), which is slow\. WebAssembly is used instead\./i,
  );
  expect(complaints).toEqual([]);
});

test('cancel in mid-run stops the engine at the next tile, says so, and the next job goes through', async ({
  page,
  server,
}) => {
  // Not one tile is quick on a busy machine.
  test.setTimeout(180_000);
  await page.goto(`${server.url}?backend=wasm&scale=4`);
  const large = makeLatentFile('large_sdxl.safetensors', 4, 64);
  await drop(page, [large]);
  const label = sideLabel(page, 'lua');
  await expect(label).toContainText(/Upscaling|Decoding/, { timeout: 90_000 });
  for (const worker of ourWorkers(page)) await worker.evaluate(countTiles);
  await expect(label).toContainText(/Decoding, [1-9]\d* of \d+ tiles/);
  const tiles = Number(/of (\d+) tiles/.exec((await label.locator('.times').textContent()) ?? '')?.[1]);
  expect(tiles).toBeGreaterThan(4);
  // Tiles are seen as they are done, the time that is left is said, and the tab says how far it is.
  await expect(pane(page, 'lua').locator('.tag')).toContainText('coming in');
  await expect(label).toContainText(/about \d+ (s|min) left/);
  await expect(page).toHaveTitle(/^\d+ % · large_sdxl.safetensors/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(label).toContainText('Not run');
  // What was finished stays.
  await expect(sideLabel(page, 'pixels')).toContainText(/decode \S+ m?s/);
  await expect(page.getByRole('log')).toContainText('cancelled');

  // The engine does one thing after the other: when this one is through, the cancelled one has drawn its last tile.
  await page.getByRole('button', { name: `Remove ${large.name}` }).click({ force: true });
  await drop(page, [small]);
  await waitForBoth(page);
  const drawn = await Promise.all(ourWorkers(page).map((worker) => worker.evaluate(readTiles)));
  const total = drawn.reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(tiles);
});

test('a choice that fails leaves the picture as it was', async ({ page, server }) => {
  await page.context().route('https://huggingface.co/**', (route) => route.abort());
  await openSmall(page, server);
  const before = await readPicture(page, 'lua');
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await panel.getByLabel('TAESDXL').check();
  await panel.getByRole('button', { name: /and show/ }).click();
  await expect(page.locator('leap-inspector leap-problem')).toContainText('LUA, TAESDXL: a file');
  // Beside the name of the picture that stayed, the failure has the name of what failed.
  await expect(sideLabel(page, 'lua').locator('.name')).toHaveText('LUA');
  await expect(sideLabel(page, 'lua').locator('.times')).toHaveText(
    'LUA, TAESDXL: a file could not be fetched',
  );
  await expect(page.getByRole('button', { name: 'right side: LUA, Leap decoder' })).toBeVisible();
  expect((await readPicture(page, 'lua')).rgba.equals(before.rgba)).toBe(true);
  // The next file of the family begins with what worked, at the factor and in the view chosen last.
  await page.keyboard.press('d');
  await page.getByRole('button', { name: '4×' }).click();
  await drop(page, [makeLatentFile('again_sdxl.safetensors', 4, 8)]);
  await waitForBoth(page);
  await expect(page.getByRole('button', { name: 'right side: LUA, Leap decoder' })).toBeVisible();
  await expect(page.getByRole('button', { name: '4×' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('button', { name: 'Side by side' })).toHaveAttribute('aria-pressed', 'true');
});

test('a side may be enlarged by bicubic in latent space', async ({ page, server, complaints }) => {
  await openSmall(page, server);
  const before = await readPicture(page, 'pixels');
  await page.getByRole('button', { name: 'left side' }).click();
  const panel = page.getByRole('dialog', { name: 'left side' });
  await expect(panel.getByLabel('Decoded, then Lanczos')).toBeChecked();
  await panel.getByLabel('Bicubic').first().check();
  await panel.getByRole('button', { name: 'Show' }).click();
  await expect(pane(page, 'pixels').locator('.tag')).toHaveText('BicubicLeap decoder');
  await waitForBoth(page);
  const after = await readPicture(page, 'pixels');
  expect([after.width, after.height]).toEqual([128, 128]);
  expect(after.rgba.equals(before.rgba)).toBe(false);
  expect(complaints).toEqual([]);
});

test('2x and 4x keep their results apart', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_flux1.safetensors', 16, 8)]);
  await waitForBoth(page);
  await page.getByRole('button', { name: '4×' }).click();
  await waitForBoth(page);
  expect(await measurePicture(page, 'lua')).toMatchObject({ width: 256, height: 256 });
  await page.getByRole('button', { name: '2×' }).click();
  // The view changes in a task of its own.
  await expect.poll(() => measurePicture(page, 'lua')).toMatchObject({ width: 128, height: 128 });
});

/** In the page: what the left label says, without tiles and times, each once in a row. */
function recordPhases(): void {
  const phases: string[] = [];
  Object.assign(globalThis, { phases });
  const look = () => {
    const compare = document.querySelector('leap-app')?.shadowRoot?.querySelector('leap-compare');
    const label = compare?.shadowRoot?.querySelector('leap-side-label[side=left]');
    const text = label?.shadowRoot?.querySelector('.times')?.textContent?.trim().split(',')[0] ?? '';
    if (text && text !== phases.at(-1)) phases.push(text);
    requestAnimationFrame(look);
  };
  look();
}

/** In a worker: counts the tiles that are drawn into pictures. */
function countTiles(): void {
  const { prototype } = OffscreenCanvasRenderingContext2D;
  const { putImageData } = prototype;
  Object.assign(globalThis, { tilesDrawn: 0 });
  prototype.putImageData = function (...args: unknown[]) {
    (globalThis as unknown as { tilesDrawn: number }).tilesDrawn++;
    return Reflect.apply(putImageData, this, args);
  };
}

function readTiles(): number {
  return (globalThis as unknown as { tilesDrawn: number }).tilesDrawn;
}
