import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { bundleLibrary, openEmbedSite } from '../support/embed-site';
import { makeDenoiser, makeGenerator } from '../support/embed-stand-ins';
import { openHost, shareSite } from '../support/embed-test';

/** The library inside other people's pages: their bundlers, their onnxruntime, their device. */

const site = shareSite(() => ({
  files: new Map([...makeGenerator(), ['/denoiser.onnx', makeDenoiser(8)]]),
}));

/** Runs one small job, on wasm by default. @returns the backend, the adapter's name and the picture's width */
function upscaleSmall(page: Page, options: Client.CreateOptions = {}) {
  return page.evaluate(async (options) => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm', ...options });
    const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
    const hints = { family: 'sdxl', space: 'model' } as const;
    const { image, report } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, {
      scale: 2,
      method: 'lua',
    });
    await upscaler.close();
    return { width: image.width, backend: report.backend, adapter: report.adapter };
  }, options);
}

test("Vite's default worker, one script, has its threads on an isolated page, and WebGPU", async ({
  page,
}) => {
  await bundleLibrary('iife');
  const bundled = await openEmbedSite({ isolated: true, bundled: 'iife' });
  await openHost(page, bundled.url);
  const { width, adapter } = await upscaleSmall(page);
  const onGpu = await upscaleSmall(page, { backend: 'webgpu', precision: 'fp32' });
  bundled.close();
  expect(width).toBe(64);
  expect(adapter).toMatch(/[2-8] threads/);
  expect(onGpu).toMatchObject({ width: 64, backend: 'webgpu' });
});

test('the library comes from another origin, its worker and wasm too', async ({ page }) => {
  const cdn = await openEmbedSite({ shared: true });
  const html = `<!doctype html><title>host</title>
    <script type="importmap">{ "imports": { "latent-leap": "${cdn.url}lib/index.js" } }</script>
    <script type="module">
      import * as leap from 'latent-leap';
      window.leap = leap;
    </script>`;
  const host = await openEmbedSite({ files: new Map([['/host/', html]]) });
  await openHost(page, `${host.url}host/`);
  const { width, adapter } = await upscaleSmall(page, { models: `${host.url}models/` });
  expect(width).toBe(64);
  expect(adapter).toMatch(/1 thread/);
  host.close();
  cdn.close();
});

test('a worker that hangs is left at once, and replaced for the next job', async ({ page }) => {
  await site.open(page);
  const found = page.evaluate(async () => {
    let workers = 0;
    const upscaler = await window.leap.createUpscaler({
      backend: 'wasm',
      limits: { cancel: 2000 },
      worker: () => {
        workers++;
        return new Worker('/lib/worker.js', { type: 'module' });
      },
    });
    await upscaler.device();
    const data = new Float32Array(4 * 8 * 8).map((_, i) => Math.sin(i));
    const hints = { family: 'sdxl', space: 'model' } as const;
    const latent = await upscaler.read({ data, dims: [4, 8, 8] }, hints);
    const controller = new AbortController();
    const wish = { scale: 2, method: 'lua' } as const;
    (window as unknown as { ready: boolean }).ready = true;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const running = upscaler.upscale(latent, { ...wish, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 100));
    controller.abort();
    const code = await running.catch((thrown) => thrown.code);
    const { image } = await upscaler.upscale(latent, wish);
    await upscaler.close();
    return { code, workers, width: image.width };
  });
  await page.waitForFunction(() => 'ready' in window);
  // Never comes back: the worker is busy for ever.
  void page
    .workers()[0]!
    .evaluate(() => {
      for (;;);
    })
    .catch(() => {});
  expect(await found).toEqual({ code: 'cancelled', workers: 2, width: 128 });
});

test("pictures come as bytes, as a tensor, tile by tile, and on the host's canvas", async ({ page }) => {
  await site.open(page);
  const found = await page.evaluate(async () => {
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const input = { data: new Float32Array(4 * 16 * 16).map((_, i) => Math.sin(i)), dims: [4, 16, 16] };
    const hints = { family: 'sdxl', space: 'model' } as const;
    const wish = { scale: 2, method: 'bicubic', tile: 24 } as const;
    const put = new Uint8ClampedArray(256 * 256 * 4);
    let tiles = 0;
    const { rgba, report } = await upscaler.run(input, hints, {
      ...wish,
      output: 'rgba',
      onTile: ({ x, y, width, height, rgba }) => {
        tiles++;
        for (let row = 0; row < height; row++) {
          put.set(rgba.subarray(row * width * 4, (row + 1) * width * 4), ((y + row) * 256 + x) * 4);
        }
      },
    });
    const { tensor } = await upscaler.run(input, hints, { ...wish, output: 'tensor', keepLatent: false });
    const canvas = document.createElement('canvas');
    await upscaler.run(input, hints, { ...wish, canvas: canvas.transferControlToOffscreen() });
    const differ = (a: ArrayLike<number>) =>
      Array.from(rgba).reduce((n, v, i) => n + (v === a[i] ? 0 : 1), 0);
    const copy = new OffscreenCanvas(256, 256).getContext('2d')!;
    const drawn = () => {
      copy.drawImage(canvas, 0, 0);
      return copy.getImageData(0, 0, 256, 256).data;
    };
    // The page shows what the worker has drawn a few frames later.
    for (let frame = 0; frame < 100 && differ(drawn()) > 0; frame++) await new Promise(requestAnimationFrame);
    const moved = { ...input, data: input.data.slice() };
    await upscaler.run(moved, hints, { ...wish, transfer: true });
    await upscaler.close();
    let worst = 0;
    for (let i = 0; i < 256 * 256 * 3; i++) {
      const [plane, at] = [Math.floor(i / 65_536), i % 65_536];
      const level = Math.min(255, Math.max(0, (tensor.data[i]! / 2 + 0.5) * 255));
      worst = Math.max(worst, Math.abs(level - rgba[at * 4 + plane]!));
    }
    return {
      size: [canvas.width, canvas.height],
      dims: tensor.dims,
      tiles: tiles === report.tiles.decode && tiles > 1,
      differences: [differ(put), differ(drawn())],
      worst,
      left: moved.data.length,
    };
  });
  expect(found).toMatchObject({
    size: [256, 256],
    dims: [1, 3, 256, 256],
    tiles: true,
    differences: [0, 0],
    left: 0,
  });
  expect(found.worst).toBeLessThanOrEqual(0.5001);
});

test("on the host's device nothing is read back between its last run and the picture", async ({ page }) => {
  await site.open(page);
  const found = await page.evaluate(async () => {
    const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
    const adapter = (await navigator.gpu.requestAdapter())!;
    const device = await adapter.requestDevice();
    const bytes = new Uint8Array(await (await fetch('/denoiser.onnx')).arrayBuffer());
    const provider = { name: 'webgpu', device };
    const generator = await ort.InferenceSession.create(bytes, {
      executionProviders: [provider],
      preferredOutputLocation: 'gpu-buffer',
    });
    const noise = new Float32Array(4 * 8 * 8).map((_, i) => Math.sin(i * i) * 5);
    const float = (data: Float32Array, dims: number[]) => new ort.Tensor('float32', data, dims);
    const { out_sample: latent_sample } = await generator.run({
      sample: float(noise, [1, 4, 8, 8]),
      timestep: new ort.Tensor('int64', [999n], [1]),
      encoder_hidden_states: float(new Float32Array(77), [1, 77, 1]),
    });
    let fetched = 0;
    const { fetch: load } = window;
    window.fetch = (...call) => {
      if (String(call[0]).endsWith('.wasm')) fetched++;
      return load(...call);
    };
    const host = { family: 'sdxl', scale: 2, ort, device, precision: 'fp32' } as const;
    let reads = 0;
    let readBytes = 0;
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...call) {
      reads++;
      readBytes += this.size;
      return mapAsync.apply(this, call);
    };
    const count = async (options: Pick<Client.DecoderSessionOptions, 'check' | 'method'>) => {
      const decoder = await window.leap.createDecoderSession({ ...host, ...options });
      await decoder.run({ latent_sample });
      [reads, readBytes] = [0, 0];
      const { sample } = await decoder.run({ latent_sample });
      const counted = { reads, readBytes };
      return { decoder, sample, counted };
    };
    const trusted = await count({ check: 'never' });
    const { location, dims, type } = trusted.sample as unknown as Record<string, unknown>;
    const data = (await trusted.sample.getData!()) as Float32Array;
    // The same with bicubic: there LUA's shaders need not be compiled again.
    const method = 'bicubic';
    const checked = await count({ check: 'end', method });
    await checked.decoder.release();
    // As float16, packed on the GPU.
    const halves = await window.leap.createDecoderSession({
      ...host,
      method,
      output: { type: 'float16' },
    });
    const half = (await halves.run({ latent_sample })).sample;
    const halfData = (await half.getData!()) as ArrayLike<number>;
    const halfType = half.type;
    await halves.release();
    // The same from a latent on the CPU, by a worker of our own on wasm.
    const values = (await latent_sample.getData()) as Float32Array;
    const plain = await window.leap.createDecoderSession({ family: 'sdxl', scale: 2, backend: 'wasm' });
    const { sample } = await plain.run({ latent_sample: float(values, [1, 4, 8, 8]) });
    await plain.release();
    const reference = sample.data as Float32Array;
    let worst = 0;
    for (const [i, value] of reference.entries()) worst = Math.max(worst, Math.abs(value - data[i]!));
    return {
      location,
      dims,
      type,
      fetched,
      trusted: trusted.counted,
      checked: checked.counted,
      worst,
      halves: { type: halfType, length: halfData.length },
      sameClass: sample instanceof ort.Tensor,
    };
  });
  expect(found).toMatchObject({
    location: 'gpu-buffer',
    dims: [1, 3, 128, 128],
    type: 'float32',
    fetched: 0,
    trusted: { reads: 0 },
    checked: { reads: 1, readBytes: 12 },
    halves: { type: 'float16', length: 3 * 128 * 128 },
    sameClass: true,
  });
  expect(found.worst).toBeLessThan(1e-3);
});

test("one line makes web-txt2img's 512 pixels 1024", async ({ page }) => {
  await site.open(page);
  const found = await page.evaluate(async () => {
    const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
    const { loadModel, generateImage } = await import('/web-txt2img/index.js' as string);
    let latent: { data: Float32Array; dims: number[] } | undefined;
    const leap = window.leap.withLatentLeap(ort, { family: 'sd15', scale: 2, backend: 'wasm' });
    /** Sees what the decoder is given. */
    const spy = {
      ...leap,
      InferenceSession: {
        async create(...call: never[]) {
          const session = (await leap.InferenceSession.create(...call)) as Client.DecoderSession;
          if (session.inputNames[0] !== 'latent_sample') return session;
          return {
            run: (feeds: { latent_sample: { data: Float32Array; dims: number[] } }) => {
              latent = { data: feeds.latent_sample.data.slice(), dims: [...feeds.latent_sample.dims] };
              return session.run(feeds as never);
            },
          };
        },
      },
    };
    const generate = async (ort: unknown) => {
      const tokenizerProvider = async () => async () => ({ input_ids: Array(77).fill(7) });
      const base = {
        backendPreference: ['wasm'],
        wasmNumThreads: 1,
        modelBaseUrl: '/generator',
        tokenizerProvider,
      };
      const loaded = await loadModel('sd-turbo', { ...base, ort });
      if (!loaded.ok) throw new Error(loaded.message);
      const made = await generateImage({ model: 'sd-turbo', prompt: 'a fox', seed: 7 });
      if (!made.ok) throw new Error(made.message);
      return createImageBitmap(made.blob);
    };
    const pixelsOf = (image: ImageBitmap) => {
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height).data;
    };
    const before = await generate(ort);
    const after = await generate(spy);
    // What `upscale` makes of the same latent, in a worker of our own.
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const read = await upscaler.read(latent!, { family: 'sd15', space: 'decoder' });
    const { tensor } = await upscaler.upscale(read, { scale: 2, method: 'lua', output: 'tensor' });
    const here = await window.leap.createDecoderSession({ family: 'sd15', scale: 2, ort, backend: 'wasm' });
    const { sample } = await here.run({
      latent_sample: new ort.Tensor('float32', latent!.data, latent!.dims),
    });
    await Promise.all([upscaler.close(), here.release()]);
    let worst = 0;
    for (const [i, value] of tensor.data.entries()) worst = Math.max(worst, Math.abs(value - sample.data[i]));
    const pixels = pixelsOf(after);
    let level = 0;
    for (let i = 0; i < 1024 * 1024; i++) {
      const expected = Math.min(255, Math.max(0, (tensor.data[i]! / 2 + 0.5) * 255));
      level = Math.max(level, Math.abs(expected - pixels[i * 4]!));
    }
    return { before: before.width, after: after.width, worst, level };
  });
  expect(found).toMatchObject({ before: 512, after: 1024 });
  expect(found.worst).toBeLessThan(1e-5);
  expect(found.level).toBeLessThan(0.51);
});

test("the host's own decoder takes over when this one fails, and that is said once", async ({ page }) => {
  await site.open(page);
  const found = await page.evaluate(async () => {
    const notices: string[] = [];
    const own = { data: new Float32Array(3), dims: [1, 3, 1, 1], type: 'float32' };
    let released = 0;
    const decoder = await window.leap.createDecoderSession({
      family: 'sd3',
      backend: 'wasm',
      fallback: { run: async () => ({ sample: own }), release: async () => void released++ },
      onNotice: ({ code }) => notices.push(code),
    });
    const feeds = {
      latent_sample: { type: 'float32', data: new Float32Array(16 * 16), dims: [1, 16, 4, 4] },
    };
    const results = [await decoder.run(feeds), await decoder.run(feeds)];
    await decoder.release();
    return { own: results.every(({ sample }) => sample === (own as unknown)), notices, released };
  });
  expect(found).toEqual({ own: true, notices: ['fallback', 'doubtful-values'], released: 1 });
});
