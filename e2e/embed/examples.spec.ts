import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { writeLatent } from '../../src/latent/index';
import { makeLatent } from '../../src/testing/engine/test-models';
import { buildLibrary, type EmbedSite, openEmbedSite } from '../support/embed-site';
import { makeDenoiser, makeGenerator } from '../support/embed-stand-ins';
import { bundleReact } from '../support/react-example';

/**
 * The files of examples/ as they are, but for the CDN's address: a second server stands in for it. examples/open-page.html
 * is in opened.spec.ts.
 */

const CDN = 'https://cdn.jsdelivr.net/npm/';
let cdn: EmbedSite;
let host: EmbedSite;
/** What the host serves. */
const files = new Map<string, Uint8Array | string>();

test.beforeAll(async () => {
  await buildLibrary();
  cdn = await openEmbedSite({ shared: true });
  for (const [path, bytes] of [...makeGenerator(), ...makeGenerator('/tiny')]) files.set(path, bytes);
  files.set('/tiny/unet/model.onnx', makeDenoiser(8));
  files.set(
    '/diffusers/diffusers.js',
    await readFile(new URL('../support/diffusers-stand-in.js', import.meta.url), 'utf8'),
  );
  for (const name of ['plain', 'web-txt2img', 'diffusers']) {
    const html = await readFile(new URL(`../../examples/${name}.html`, import.meta.url), 'utf8');
    files.set(`/${name}/`, toLocal(html, cdn.url));
  }
  // A generator of its own, whose denoiser names the latent as the decoder does.
  files.set('/denoiser.onnx', makeDenoiser(8, 'latent_sample'));
  files.set(
    '/onnxruntime.js',
    await readFile(new URL('../../examples/onnxruntime.js', import.meta.url), 'utf8'),
  );
  files.set('/onnxruntime/', GENERATOR);
  files.set('/react/', REACT);
  host = await openEmbedSite({ files });
});

test.afterAll(() => {
  cdn.close();
  host.close();
});

function toLocal(html: string, url: string): string {
  return html
    .replaceAll(`${CDN}latent-leap@0.1.0/dist/lib/`, `${url}lib/`)
    .replaceAll(`${CDN}latent-leap@0.1.0/public/models/`, `${url}models/`)
    .replaceAll(`${CDN}web-txt2img@0.3.1/dist/`, `${url}web-txt2img/`)
    .replaceAll(`${CDN}onnxruntime-web@1.30.0/dist/ort.webgpu`, `${url}ort/ort.jspi`);
}

const IMPORTS = `<script type="importmap">
  { "imports": { "latent-leap": "/lib/index.js", "onnxruntime-web/webgpu": "/ort/ort.jspi.bundle.min.mjs" } }
</script>`;
const GENERATOR = `<!doctype html><title>generator</title>${IMPORTS}<script type="module">
  import * as example from '/onnxruntime.js';
  import * as ort from 'onnxruntime-web/webgpu';
  window.generator = { ...example, ort };
</script>`;
const REACT = `<!doctype html><title>React</title>${IMPORTS}<div id="root"></div>
  <script type="module" src="/react.js"></script>`;

test.beforeEach(() => test.setTimeout(240_000));

/** Chooses a latent of SDXL of 8x8 positions. */
async function chooseFile(page: Page): Promise<void> {
  const bytes = writeLatent(makeLatent('sdxl', 8, 8), 'safetensors');
  await page.getByLabel('A latent file').setInputFiles({
    name: 'fox.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(bytes),
  });
}

test('a plain page draws a dropped latent at twice its size', async ({ page }) => {
  await page.goto(`${host.url}plain/`);
  await chooseFile(page);
  await expect(page.locator('output')).toHaveText(/^128 x 128/);
  expect(await page.locator('canvas').evaluate(({ width }: HTMLCanvasElement) => width)).toBe(128);
});

test('web-txt2img shows 1024 pixels', async ({ page }) => {
  // The enlarging would be on the software adapter, which takes minutes for it.
  await page.addInitScript(() => {
    delete (Navigator.prototype as { gpu?: unknown }).gpu;
    const tokenize = async () => ({ input_ids: Array(77).fill(7) });
    Object.assign(window, { tokenizerProvider: async () => tokenize });
  });
  await page.goto(`${host.url}web-txt2img/?wasm&generator=/generator`);
  await page.getByRole('button').click();
  const picture = page.locator('img');
  await expect
    .poll(() => picture.evaluate(({ naturalWidth }: HTMLImageElement) => naturalWidth), { timeout: 200_000 })
    .toBe(1024);
});

test('diffusers.js draws 1024 pixels where its own decoder makes 512', async ({ page }) => {
  await page.goto(`${host.url}diffusers/?wasm&generator=/generator`);
  const before = await page.evaluate(async () => {
    const { DiffusionPipeline } = await import('@aislamov/diffusers.js' as string);
    const pipe = await DiffusionPipeline.fromPretrained('/generator');
    const [{ dims }] = await pipe.run({ prompt: 'a fox', numInferenceSteps: 1 });
    return dims;
  });
  expect(before).toEqual([1, 3, 512, 512]);
  await page.getByRole('button').click();
  await expect(page.locator('output')).toHaveText('1024 x 1024', { timeout: 200_000 });
  const levels = await page.locator('canvas').evaluate((node: HTMLCanvasElement) => {
    return new Set(node.getContext('2d')!.getImageData(0, 0, 1024, 1024).data).size;
  });
  expect(levels).toBeGreaterThan(20);
});

test("diffusers.js gets the values that upscale gives of its pipeline's latent", async ({ page }) => {
  await page.goto(`${host.url}diffusers/?wasm`);
  const found = await page.evaluate(async (models) => {
    const { DiffusionPipeline } = await import('@aislamov/diffusers.js' as string);
    const { createDecoderSession, createUpscaler } = await import('latent-leap' as string);
    const pipe = await DiffusionPipeline.fromPretrained('/tiny');
    const options = { models, backend: 'wasm' };
    const session = await createDecoderSession({
      ...options,
      family: 'sd15',
      fallback: pipe.vaeDecoder,
      onNotice: ({ message }: { message: string }) => {
        throw new Error(message);
      },
    });
    type Feeds = { latent_sample: { data: Float32Array; dims: number[] } };
    let latent: { data: Float32Array; dims: number[] } | undefined;
    /** Sees what the decoder is given. */
    pipe.vaeDecoder = {
      config: session.config,
      run: (feeds: Feeds) => {
        latent = { data: feeds.latent_sample.data.slice(), dims: [...feeds.latent_sample.dims] };
        return session.run(feeds);
      },
    };
    const [image] = await pipe.run({ prompt: 'a fox', width: 64, height: 64, numInferenceSteps: 2 });
    const upscaler = await createUpscaler(options);
    const hints = { family: 'sd15', space: 'decoder' };
    const { tensor } = await upscaler.run(latent, hints, { scale: 2, method: 'lua', output: 'tensor' });
    await Promise.all([upscaler.close(), session.release()]);
    let apart = 0;
    for (const [i, value] of tensor.data.entries()) {
      const expected = Math.min(1, Math.max(0, value / 2 + 0.5));
      apart = Math.max(apart, Math.abs(expected - image.data[i]));
    }
    return {
      dims: image.dims,
      factor: session.config.scaling_factor,
      apart,
      levels: new Set(image.data).size,
    };
  }, `${cdn.url}models/`);
  expect(found).toMatchObject({ dims: [1, 3, 128, 128], factor: 0.18215 });
  expect(found.levels).toBeGreaterThan(100);
  expect(found.apart).toBeLessThan(1e-5);
});

test('onnxruntime: the picture comes in a buffer of the device that the denoiser left its latent on', async ({
  page,
}) => {
  await page.goto(`${host.url}onnxruntime/`);
  await page.waitForFunction(() => 'generator' in window);
  const found = await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: of a file without types
    const { createDecoder, generate, ort } = (window as any).generator;
    let devices = 0;
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = function (...call) {
      devices++;
      return requestDevice.apply(this, call);
    };
    const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const executionProviders = [{ name: 'webgpu', device }];
    const options = { executionProviders, preferredOutputLocation: 'gpu-buffer' };
    const bytes = new Uint8Array(await (await fetch('/denoiser.onnx')).arrayBuffer());
    const denoiser = await ort.InferenceSession.create(bytes, options);
    const decoder = await createDecoder(device);
    const noise = new Float32Array(4 * 8 * 8).map((_, i) => Math.sin(i * i) * 5);
    const sample = await generate(denoiser, decoder, {
      sample: new ort.Tensor('float32', noise, [1, 4, 8, 8]),
      timestep: new ort.Tensor('int64', [999n], [1]),
      encoder_hidden_states: new ort.Tensor('float32', new Float32Array(77), [1, 77, 1]),
    });
    const { location, dims } = sample;
    const data = (await sample.getData()) as Float32Array;
    await decoder.release();
    return {
      location,
      dims,
      devices,
      finite: data.every(Number.isFinite),
      spread: Math.max(...data) - Math.min(...data),
    };
  });
  expect(found).toMatchObject({ location: 'gpu-buffer', dims: [1, 3, 128, 128], devices: 1, finite: true });
  expect(found.spread).toBeGreaterThan(0.05);
});

test("React's component, and the one of the Next.js example around it, draw a file that is chosen", async ({
  page,
}) => {
  files.set('/react.js', await bundleReact());
  await page.goto(`${host.url}react/`);
  await chooseFile(page);
  const canvas = page.locator('canvas');
  await expect.poll(() => canvas.evaluate(({ width }: HTMLCanvasElement) => width)).toBe(128);
  await expect(page.locator('figcaption')).toHaveText('');
  const levels = await canvas.evaluate((node: HTMLCanvasElement) => {
    return new Set(node.getContext('2d')!.getImageData(0, 0, 128, 128).data).size;
  });
  expect(levels).toBeGreaterThan(20);
});
