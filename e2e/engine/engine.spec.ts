import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import type { Latent } from '../../src/latent/types';
import { addFullDecoder, makeLatent, makeTestModels } from '../../src/testing/engine/test-models';
import { bundleLibrary, openEmbedSite } from '../support/embed-site';
import { openHost, shareSite } from '../support/embed-test';
import { upscaleInNode } from '../support/upscale-in-node';

/** The engine in a real browser, as an embedder meets it: through the built library, with random models. */

type Options = Client.CreateOptions;
type Wish = Pick<Client.UpscaleOptions, 'scale' | 'decoder' | 'lua' | 'tile'> & { method: Client.Method };

interface Outcome {
  width: number;
  height: number;
  /** RGBA of the picture, and the upscaled latent as bytes of float32. */
  pixels: Uint8Array;
  latent: Float32Array;
  report: Client.Report;
}

const site = shareSite();

test.beforeEach(({ page }) => site.open(page));

/** Opens an upscaler in the page, upscales once, closes it. */
async function upscaleInPage(page: Page, options: Options, latent: Latent, wish: Wish): Promise<Outcome> {
  const plain = { ...latent, data: [...latent.data] };
  const { pixels, values, ...rest } = await page.evaluate(
    async ({ options, plain, wish }) => {
      const upscaler = await window.leap.createUpscaler(options);
      const { image, latent, report } = await upscaler.upscale(
        { ...plain, data: Float32Array.from(plain.data) },
        wish,
      );
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      await upscaler.close();
      // Bytes as text: arrays of numbers take Playwright seconds per megabyte.
      const toText = (bytes: Uint8Array) => {
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        return btoa(text);
      };
      const pixels = toText(new Uint8Array(data.buffer));
      const values = toText(new Uint8Array(latent.data.buffer));
      return { width: image.width, height: image.height, pixels, values, report };
    },
    { options, plain, wish },
  );
  const bytes = new Uint8Array(Buffer.from(values, 'base64'));
  return { ...rest, pixels: Buffer.from(pixels, 'base64'), latent: new Float32Array(bytes.buffer) };
}

/** The same in Node, with the same random models. */
function upscaleThere(latent: Latent, wish: Wish) {
  return upscaleInNode(addFullDecoder(makeTestModels()), latent, wish);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

test('wasm gives what Node gives, for a 32x32 latent in tiles', async ({ page }) => {
  const latent = makeLatent('flux1', 32, 32);
  const wish = { scale: 2, method: 'lua', tile: 48 } as const;
  const found = await upscaleInPage(page, { backend: 'wasm' }, latent, wish);
  const expected = await upscaleThere(latent, wish);
  expect([found.width, found.height]).toEqual([512, 512]);
  expect(found.report).toMatchObject({
    backend: 'wasm',
    precision: 'fp32',
    models: { lua: 'lua-test-flux1' },
  });
  expect(found.report.tiles.decode).toBeGreaterThan(1);
  expect(largestDifference(found.latent, expected.latent)).toBeLessThan(1e-4);
  expect(largestDifference(found.pixels, expected.rgba)).toBeLessThanOrEqual(1);
});

test('WebGPU gives what Node gives, the latent staying on the GPU, tiles included', async ({ page }) => {
  const latent = makeLatent('sdxl', 8, 16);
  const wish = { scale: 2, method: 'lua', tile: 24 } as const;
  const found = await upscaleInPage(page, { backend: 'webgpu', precision: 'fp32' }, latent, wish);
  const expected = await upscaleThere(latent, wish);
  expect(found.report).toMatchObject({ backend: 'webgpu', precision: 'fp32', notices: [] });
  expect(found.report.tiles.decode).toBeGreaterThan(1);
  expect(largestDifference(found.latent, expected.latent)).toBeLessThan(1e-3 * 2);
  expect(largestDifference(found.pixels, expected.rgba)).toBeLessThanOrEqual(1);
});

test('WebGPU gives a full decoder in pieces what Node gives in one piece', async ({ page }) => {
  // A session for each normalisation, and a software adapter compiles its shaders for seconds.
  test.setTimeout(420_000);
  const latent = makeLatent('sdxl', 3, 5);
  const wish = { scale: 1, method: 'bicubic', decoder: 'decoder-full-sdxl' } as const;
  const options: Options = { backend: 'webgpu', precision: 'fp32' };
  const found = await upscaleInPage(page, options, latent, { ...wish, tile: 4 });
  const expected = await upscaleThere(latent, wish);
  expect(found.report).toMatchObject({ backend: 'webgpu', precision: 'fp32', notices: [] });
  expect(found.report.memory.split!.runs).toBeGreaterThan(20);
  expect(largestDifference(found.pixels, expected.rgba)).toBeLessThanOrEqual(1);
  test.info().annotations.push({ type: 'measured', description: JSON.stringify(found.report.ms) });
});

test('a lost device is replaced in mid-run, and the result is right', async ({ page }) => {
  const latent = makeLatent('sdxl', 8, 8);
  const wish = { scale: 2, method: 'bicubic' } as const;
  const upscaling = page.evaluate(
    async ({ plain, wish }) => {
      const upscaler = await window.leap.createUpscaler({ backend: 'webgpu', precision: 'fp32' });
      await upscaler.device();
      (window as unknown as { ready: boolean }).ready = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
      const result = await upscaler.upscale({ ...plain, data: Float32Array.from(plain.data) }, wish);
      await upscaler.close();
      return { latent: [...result.latent.data], report: result.report };
    },
    { plain: { ...latent, data: [...latent.data] }, wish },
  );
  await page.waitForFunction(() => 'ready' in window, null, { timeout: 120_000 });
  await page.workers()[0]!.evaluate(() => {
    // The next bind group of the engine's own kernels takes the device down, once.
    const { createBindGroup } = GPUDevice.prototype;
    GPUDevice.prototype.createBindGroup = function (descriptor) {
      GPUDevice.prototype.createBindGroup = createBindGroup;
      const group = createBindGroup.call(this, descriptor);
      this.destroy();
      return group;
    };
  });
  const { latent: found, report } = await upscaling;
  expect(report.notices.join()).toMatch(/lost/);
  expect(report.backend).toBe('webgpu');
  const expected = await upscaleThere(latent, wish);
  expect(largestDifference(found, expected.latent)).toBeLessThan(1e-3);
});

test('a killed worker rejects everything that waits for it', async ({ page }) => {
  const codes = page.evaluate(async () => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    (window as unknown as { ready: boolean }).ready = true;
    const code = (thrown: unknown) =>
      thrown instanceof window.leap.LeapError ? thrown.code : String(thrown);
    const big = await upscaler.read(
      { data: new Float32Array(16 * 64 * 64).map((_, i) => Math.sin(i)), dims: [16, 64, 64] },
      { family: 'flux1', space: 'model' },
    );
    const first = await upscaler.upscale(big, { scale: 4, method: 'lua' }).catch(code);
    const second = await upscaler.device().catch(code);
    return [first, second];
  });
  await page.waitForFunction(() => 'ready' in window);
  await page.workers()[0]!.evaluate(() => setTimeout(() => self.close(), 300));
  expect(await codes).toEqual(['worker-died', 'worker-died']);
});

test('cancelling stops at the next tile, and the upscaler goes on', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const latent = await upscaler.read(
      { data: new Float32Array(4 * 32 * 32).map((_, i) => Math.sin(i)), dims: [4, 32, 32] },
      { family: 'sdxl', space: 'model' },
    );
    const controller = new AbortController();
    const wish = { scale: 2, method: 'bicubic', tile: 24 } as const;
    let done = 0;
    const code = await upscaler
      .upscale(latent, {
        ...wish,
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.phase !== 'decode') return;
          done = progress.done;
          if (done === 2) controller.abort();
        },
      })
      .catch((thrown) => thrown.code);
    const { report } = await upscaler.upscale(latent, wish);
    await upscaler.close();
    return { code, done, tiles: report.tiles.decode };
  });
  expect(outcome.code).toBe('cancelled');
  expect(outcome.done).toBeLessThan(outcome.tiles);
});

test('calls that overlap are answered one after the other', async ({ page }) => {
  const sizes = await page.evaluate(async () => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const latent = await upscaler.read(
      { data: new Float32Array(4 * 8 * 8).map((_, i) => Math.sin(i)), dims: [4, 8, 8] },
      { family: 'sdxl', space: 'model' },
    );
    const results = await Promise.all(
      ([1, 2, 4] as const).map((scale) => upscaler.upscale(latent, { scale, method: 'lua' })),
    );
    await upscaler.close();
    return results.map(({ image }) => image.width);
  });
  expect(sizes).toEqual([64, 128, 256]);
});

test('a picture wider than any canvas comes as a PNG, with a smaller copy to look at', async ({ page }) => {
  const found = await page.evaluate(async () => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const latent = await upscaler.read(
      { data: new Float32Array(4 * 2 * 2048).map((_, i) => Math.sin(i)), dims: [4, 2, 2048] },
      { family: 'sdxl', space: 'model' },
    );
    const { image, png, report } = await upscaler.upscale(latent, { scale: 4, method: 'bicubic' });
    await upscaler.close();
    const header = new DataView(await png!.slice(0, 24).arrayBuffer());
    return { preview: image.width, file: header.getUint32(16), width: report.width, type: png!.type };
  });
  expect(found).toEqual({ preview: 4096, file: 65_536, width: 65_536, type: 'image/png' });
});

test('a dropped picture is encoded, turned as its EXIF says, and comes back in its own size', async ({
  page,
}) => {
  const found = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(45, 27);
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'teal';
    context.fillRect(5, 5, 20, 12);
    const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
    // An APP1 segment whose only entry is Orientation = 6: turn a quarter to the right.
    const exif = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const name = [0x45, 0x78, 0x69, 0x66, 0, 0];
    const segment = [0xff, 0xe1, 0, 2 + name.length + exif.length, ...name, ...exif];
    const turned = new Blob([jpeg.slice(0, 2), Uint8Array.from(segment), jpeg.slice(2)]);
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const latent = await upscaler.read(new File([turned], 'photo.jpg'), { family: 'sdxl' });
    const { image } = await upscaler.upscale(latent, { scale: 2, method: 'lua' });
    const damaged = await upscaler.read(new Blob([jpeg.slice(0, 40)])).catch((thrown) => thrown.code);
    await upscaler.close();
    const { name: file, picture } = latent.provenance;
    return { dims: latent.dims, file, picture, size: [image.width, image.height], damaged };
  });
  expect(found).toEqual({
    dims: [4, 6, 4],
    file: 'photo.jpg',
    picture: { width: 27, height: 45 },
    size: [54, 90],
    damaged: 'damaged-file',
  });
});

test('an embedder may make the worker', async ({ page }) => {
  const adapter = await page.evaluate(async () => {
    const worker = new Worker('./lib/worker.js', { type: 'module' });
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm', worker });
    const { adapter } = await upscaler.device();
    await upscaler.close();
    return adapter;
  });
  expect(adapter).toMatch(/WebAssembly/);
});

test('an isolated host page gives wasm its threads', async ({ page }) => {
  const isolated = await openEmbedSite({ isolated: true });
  await openHost(page, isolated.url);
  const { report } = await upscaleInPage(page, { backend: 'wasm' }, makeLatent('sdxl', 8, 8), {
    scale: 2,
    method: 'lua',
  });
  isolated.close();
  expect(report.adapter).toMatch(/[2-8] threads/);
});

test('a bundler follows the worker and all that belongs to it, threads included', async ({ page }) => {
  await bundleLibrary('es');
  const bundled = await openEmbedSite({ isolated: true, bundled: 'es' });
  await openHost(page, bundled.url);
  const latent = makeLatent('sdxl', 4, 4);
  const { report } = await upscaleInPage(page, { backend: 'wasm' }, latent, { scale: 2, method: 'lua' });
  expect(report.adapter).toMatch(/[2-8] threads/);
  bundled.close();
});
