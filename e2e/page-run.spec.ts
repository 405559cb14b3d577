import { readSafetensorsHeader, readTensorFile } from '../src/formats';
import {
  drop,
  expect,
  makeLatentFile,
  measurePicture,
  readSample,
  sideLabel,
  test,
  waitForBoth,
} from './page-test';

test('wasm: a 32x32 latent at x2 gives two different pictures, saved as PNG and as latents', async ({
  page,
  server,
  complaints,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [readSample('astronaut_flux1.latent')]);
  await waitForBoth(page);
  const bicubic = await measurePicture(page, 'bicubic');
  const lua = await measurePicture(page, 'lua');
  expect(lua).toMatchObject({ width: 512, height: 512 });
  expect(lua.deviation).toBeGreaterThan(20);
  expect(Math.abs(lua.deviation - bicubic.deviation)).toBeGreaterThan(0.1);

  const png = await save('PNG picture');
  expect(png.name).toBe('astronaut_flux1-lua-x2.png');
  expect([...png.bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([512, 512]);

  const comfyui = await save('ComfyUI .latent');
  expect(comfyui.name).toBe('astronaut_flux1-lua-x2.latent');
  const { entries } = readSafetensorsHeader(comfyui.bytes, comfyui.bytes.length);
  expect(entries.get('latent_tensor')?.shape).toEqual([1, 16, 64, 64]);
  expect(entries.has('latent_format_version_0')).toBe(true);

  const plain = await save('safetensors');
  expect(readTensorFile(plain.bytes).tensors[0]?.shape.slice(-3)).toEqual([16, 64, 64]);
  const diffusers = await save('For diffusers');
  expect(diffusers.name).toBe('astronaut_flux1-lua-x2.diffusers.safetensors');
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

test('WebGPU: an 8x8 latent at x2 on the software adapter', async ({ page, server, complaints }) => {
  await page.goto(`${server.url}?backend=webgpu`);
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, 8)]);
  await waitForBoth(page);
  await expect(page.getByTestId('device')).toContainText(/WebGPU.*SwiftShader/i);
  const lua = await measurePicture(page, 'lua');
  expect(lua).toMatchObject({ width: 128, height: 128 });
  expect(lua.deviation).toBeGreaterThan(5);
  expect(complaints).toEqual([]);
});

test('cancel in mid-run stops, says so, and the run can be taken up again', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm&scale=4`);
  await drop(page, [readSample('hubble_sdxl.latent')]);
  await expect(sideLabel(page, 'bicubic')).toContainText(/Upscaling|Decoding/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(sideLabel(page, 'bicubic')).toContainText('Not run');
  await expect(sideLabel(page, 'lua')).toContainText('Not run');
  await expect(page.getByRole('status')).toContainText('cancelled');
  // That the worker lets go at the next tile is engine.spec's to show; here a smaller task goes through.
  await page.getByRole('button', { name: 'Remove hubble_sdxl.latent' }).click({ force: true });
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, 8)]);
  await waitForBoth(page);
});

test('2x and 4x keep their results apart', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_flux1.safetensors', 16, 8)]);
  await waitForBoth(page);
  await page.getByRole('button', { name: '4×' }).click();
  await waitForBoth(page);
  expect(await measurePicture(page, 'lua')).toMatchObject({ width: 256, height: 256 });
  await page.getByRole('button', { name: '2×' }).click();
  expect(await measurePicture(page, 'lua')).toMatchObject({ width: 128, height: 128 });
});
