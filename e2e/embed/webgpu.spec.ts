import { expect, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { makeGenerator } from '../support/embed-stand-ins';
import { shareSite } from '../support/embed-test';

/** web-txt2img 0.3.1 on WebGPU: our decoder runs on the onnxruntime that it was given, and on its device. */

const site = shareSite(() => ({ files: makeGenerator() }));

/**
 * Positions along each side of the latent that is decoded. The package makes 64, for 1024 pixels: 64 times the work of 8.
 * A software adapter needs about 20 seconds for 8, shaders included. `GENERATOR_SIDE=64` asks for 64: 4 minutes on two
 * cores that had other work too. `host.spec.ts` makes the 1024 pixels, on wasm.
 */
const SIDE = Number(process.env.GENERATOR_SIDE ?? 8);

test('web-txt2img on WebGPU: one device, one runtime, and nothing is read back but the picture', async ({
  page,
}) => {
  test.setTimeout(SIDE > 8 ? 3_600_000 : 240_000);
  await site.open(page);
  const found = await page.evaluate(async (side) => {
    let devices = 0;
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = function (...call) {
      devices++;
      return requestDevice.apply(this, call);
    };
    let fetched = 0;
    const { fetch: load } = window;
    window.fetch = (...call) => {
      if (String(call[0]).includes('.wasm')) fetched++;
      return load(...call);
    };
    const reads: number[] = [];
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...call) {
      reads.push(this.size);
      return mapAsync.apply(this, call);
    };
    const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
    const { loadModel, generateImage } = await import('/web-txt2img/index.js' as string);
    const options = { family: 'sd15', scale: 2, precision: 'fp32', check: 'never' } as const;
    const leap = window.leap.withLatentLeap(ort, options);
    let latent: Float32Array | undefined;
    let sample: Float32Array | undefined;
    let readBefore = 0;
    /** Gives the decoder a corner of the latent. */
    const small = {
      ...leap,
      InferenceSession: {
        async create(...call: never[]) {
          const session = (await leap.InferenceSession.create(...call)) as Client.DecoderSession;
          if (session.inputNames[0] !== 'latent_sample') return session;
          return {
            async run({
              latent_sample: { data, dims },
            }: {
              latent_sample: { data: Float32Array; dims: number[] };
            }) {
              const [, channels, height, width] = dims as [number, number, number, number];
              latent = Float32Array.from({ length: channels * side * side }, (_, i) => {
                const [c, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
                return data[(c * height + y) * width + x]!;
              });
              readBefore = reads.length;
              const corner = new ort.Tensor('float32', latent.slice(), [1, channels, side, side]);
              const result = await session.run({ latent_sample: corner });
              sample = (result.sample.data as Float32Array).slice();
              return result;
            },
          };
        },
      },
    };
    const loaded = await loadModel('sd-turbo', {
      ort: small,
      backendPreference: ['webgpu'],
      modelBaseUrl: '/generator',
      tokenizerProvider: async () => async () => ({ input_ids: Array(77).fill(7) }),
    });
    if (!loaded.ok) throw new Error(loaded.message);
    // Once for the shaders, once for the count.
    await generateImage({ model: 'sd-turbo', prompt: 'a fox', seed: 7 });
    const made = await generateImage({ model: 'sd-turbo', prompt: 'a fox', seed: 7 });
    if (!made.ok) throw new Error(made.message);
    const counted = { fetched, reads: reads.slice(readBefore) };
    const image = await createImageBitmap(made.blob);
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;

    const hints = { family: 'sd15', space: 'decoder' } as const;
    const input = { data: latent!, dims: [4, side, side] };
    const wish = { scale: 2, method: 'lua', output: 'tensor' } as const;
    // What `upscale` makes of the same latent on the same runtime and device.
    const { device } = ort.env.webgpu;
    const host = { thread: 'this', ort, device: await device, precision: 'fp32' } as const;
    const here = await window.leap.createUpscaler(host);
    const { tensor: same, report } = await here.run(input, hints, wish);
    await here.close();
    let apart = 0;
    for (const [i, value] of sample!.entries()) apart = Math.max(apart, Math.abs(value - same.data[i]!));

    // What a worker of ours makes of it on wasm.
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const { tensor } = await upscaler.run(input, hints, wish);
    await upscaler.close();
    let worst = 0;
    for (let i = 0; i < image.width * image.height; i++) {
      const expected = Math.min(255, Math.max(0, (tensor.data[i]! / 2 + 0.5) * 255));
      worst = Math.max(worst, Math.abs(expected - pixels[i * 4]!));
    }
    const backends = [loaded.backendUsed, report.backend];
    return { backends, width: image.width, devices, apart, worst, ...counted };
  }, SIDE);
  const width = SIDE * 8 * 2;
  expect(found).toMatchObject({ backends: ['webgpu', 'webgpu'], width, devices: 1 });
  // One runtime, which the host has loaded.
  expect(found.fetched).toBeLessThanOrEqual(1);
  // The package wants the picture on the CPU, as its latent is.
  expect(found.reads).toEqual([3 * width * width * 4]);
  expect(found.apart).toBeLessThan(1e-5);
  // In levels of 255, to which the package rounds.
  expect(found.worst).toBeLessThan(1);
});
