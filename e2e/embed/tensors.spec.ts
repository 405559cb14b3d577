import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import type { FamilyId } from '../../src/client/index';
import { shareSite } from '../support/embed-test';

/** Latents as generators have them: packed or not, float32 or float16, in an array or in a buffer on the GPU. */

const site = shareSite();

type Way = [layout: 'unpacked' | 'packed', type: 'float32' | 'float16', place: 'cpu' | 'gpu-buffer'];

/** Two latents of 6x8 positions, all of whose values float16 holds, and their pictures by each way into the session. */
function decodeEachWay(page: Page, family: FamilyId, channels: number, ways: Way[]) {
  return page.evaluate(
    async ({ family, channels, ways }) => {
      const [items, height, width] = [2, 6, 8];
      const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
      const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
      const size = channels * height * width;
      const values = Float32Array.from(
        { length: items * size },
        (_, i) => Math.round(Math.sin(i * i) * 96) / 64,
      );
      const unpackedDims = [items, channels, height, width];
      const tokens = (height / 2) * (width / 2);
      // As `_pack_latents` of diffusers' FLUX pipelines: [B, C, h/2, 2, w/2, 2] -> [B, h/2, w/2, C, 2, 2].
      const packed = new Float32Array(values.length);
      let at = 0;
      for (let b = 0; b < items; b++)
        for (let y = 0; y < height; y += 2)
          for (let x = 0; x < width; x += 2)
            for (let c = 0; c < channels; c++)
              for (const [dy, dx] of [
                [0, 0],
                [0, 1],
                [1, 0],
                [1, 1],
              ] as const)
                packed[at++] = values[((b * channels + c) * height + y + dy) * width + x + dx]!;
      const layouts = {
        unpacked: { values, dims: unpackedDims, options: {} },
        packed: {
          values: packed,
          dims: [items, tokens, channels * 4],
          options: { layout: 'packed', space: 'decoder', width, height },
        },
      } as const;
      const Halves = (globalThis as unknown as { Float16Array: new (from: Float32Array) => Uint16Array })
        .Float16Array;
      const toArray = (type: string, from: Float32Array) =>
        type === 'float32' ? from : new Uint16Array(new Halves(from).buffer);
      const toTensor = (type: string, place: string, from: Float32Array, dims: readonly number[]) => {
        const data = toArray(type, from);
        if (place === 'cpu') return new ort.Tensor(type, data, [...dims]);
        const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
        const gpuBuffer = device.createBuffer({
          size: data.byteLength,
          usage: STORAGE | COPY_SRC | COPY_DST,
        });
        device.queue.writeBuffer(gpuBuffer, 0, data);
        return ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: type, dims: [...dims] });
      };

      // One latent after the other, by a worker on wasm.
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
      const latents = await upscaler.readAll(
        { data: values, dims: unpackedDims },
        { family, space: 'decoder' },
      );
      const expected: number[] = [];
      for (const latent of latents) {
        const { tensor } = await upscaler.upscale(latent, { scale: 2, method: 'bicubic', output: 'tensor' });
        expected.push(...tensor.data);
      }
      await upscaler.close();

      const found: { came: string; worst: number }[] = [];
      for (const layout of ['unpacked', 'packed'] as const) {
        const { values, dims, options } = layouts[layout];
        // What goes in is the same for LUA, whose shaders the software adapter compiles for a minute.
        const way = { family, scale: 2, method: 'bicubic' } as const;
        const host = { ...way, ort, device, precision: 'fp32', check: 'end' } as const;
        const decoder = await window.leap.createDecoderSession({ ...host, ...options });
        for (const [, type, place] of ways.filter((way) => way[0] === layout)) {
          const { sample } = await decoder.run({ latent_sample: toTensor(type, place, values, dims) });
          // Reading a tensor on the GPU makes it one on the CPU.
          const came = [layout, sample.type, sample.location, ...(sample.dims as number[])].join(' ');
          const data = (await (sample as Client.OrtTensor).getData!()) as ArrayLike<number>;
          // The runtime gives Float16Array where there is one, and bits in a buffer of our own.
          const bits = data instanceof Uint16Array;
          const numbers = bits ? new (Halves as unknown as Uint8ArrayConstructor)(data.slice().buffer) : data;
          let worst = numbers.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
          for (const [i, value] of expected.entries()) {
            worst = Math.max(worst, Math.abs(numbers[i]! - value) / Math.max(1, Math.abs(value)));
          }
          found.push({ came, worst });
        }
        await decoder.release();
      }
      return { found, spread: Math.max(...expected) - Math.min(...expected) };
    },
    { family, channels, ways },
  );
}

/** Family, its channels, and each way: layout, type and place of the tensor. */
const CASES: [FamilyId, number, Way[]][] = [
  [
    'flux1',
    16,
    [
      ['unpacked', 'float16', 'cpu'],
      ['unpacked', 'float16', 'gpu-buffer'],
      ['packed', 'float32', 'gpu-buffer'],
      ['packed', 'float16', 'cpu'],
      ['packed', 'float16', 'gpu-buffer'],
    ],
  ],
  [
    'flux2',
    32,
    [
      ['packed', 'float32', 'cpu'],
      ['packed', 'float16', 'gpu-buffer'],
    ],
  ],
];

for (const [family, channels, ways] of CASES) {
  test(`${family}: packed and unpacked, float32 and float16, on the CPU and the GPU give one picture`, async ({
    page,
  }) => {
    await site.open(page);
    const { found, spread } = await decodeEachWay(page, family, channels, ways);
    expect(spread).toBeGreaterThan(0.05);
    expect(found.map(({ came }) => came)).toEqual(ways.map((way) => `${way.join(' ')} 2 3 96 128`));
    for (const { came, worst } of found) expect(worst, came).toBeLessThan(1e-3);
  });
}

for (const backend of ['webgpu', 'wasm'] as const) {
  test(`a texture of the host's device holds the picture, computed by ${backend}`, async ({ page }) => {
    await site.open(page);
    const found = await page.evaluate(async (backend) => {
      const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
      const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
      const input = { data: new Float32Array(4 * 8 * 16).map((_, i) => Math.sin(i)), dims: [4, 8, 16] };
      const hints = { family: 'sdxl', space: 'model' } as const;
      const wish = { scale: 2, method: 'bicubic', tile: 24 } as const;
      const here = await window.leap.createUpscaler({
        thread: 'this',
        ort,
        device,
        backend,
        precision: 'fp32',
      });
      const { texture, report } = await here.run(input, hints, { ...wish, output: 'texture' });
      const size = 256 * 128 * 4;
      const { COPY_DST, MAP_READ } = GPUBufferUsage;
      const buffer = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
      const encoder = device.createCommandEncoder();
      encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: 256 * 4 }, [256, 128]);
      device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(GPUMapMode.READ);
      const drawn = new Uint8Array(buffer.getMappedRange().slice(0));
      await here.close();
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
      const { rgba } = await upscaler.run(input, hints, { ...wish, output: 'rgba' });
      await upscaler.close();
      let worst = 0;
      for (const [i, level] of rgba.entries()) worst = Math.max(worst, Math.abs(level - drawn[i]!));
      return {
        format: texture.format,
        size: [texture.width, texture.height],
        backend: report.backend,
        tiled: report.tiles.decode > 1,
        flat: new Set(rgba).size < 10,
        worst,
      };
    }, backend);
    expect(found).toMatchObject({
      format: 'rgba8unorm',
      size: [256, 128],
      backend,
      tiled: true,
      flat: false,
    });
    expect(found.worst).toBeLessThanOrEqual(1);
  });
}

test('a picture that the device cannot hold is refused before it is computed', async ({ page }) => {
  test.setTimeout(120_000);
  await site.open(page);
  const refusals = await page.evaluate(async () => {
    const ort = await import('/ort/ort.jspi.bundle.min.mjs' as string);
    // The limits that every adapter has: 128 MiB in a buffer that is bound, textures of 8192 pixels.
    const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const upscaler = await window.leap.createUpscaler({ thread: 'this', ort, device, precision: 'fp32' });
    const found: string[] = [];
    for (const [output, side] of [
      ['gpu-tensor', 256],
      ['texture', 520],
    ] as const) {
      const data = Float32Array.from({ length: 4 * side * side }, (_, i) => Math.sin(i));
      const input = { data, dims: [1, 4, side, side] };
      const wish = { scale: 2, method: 'bicubic', output, check: 'never' } as const;
      await upscaler.run(input, { family: 'sdxl', space: 'model' }, wish).then(
        () => found.push('made'),
        ({ code, message }: Client.LeapError) => found.push(`${code}: ${message}`),
      );
    }
    await upscaler.close();
    return found;
  });
  expect(refusals).toEqual([
    expect.stringMatching(
      /^too-large: A picture of 4096 x 4096 px .* 128 MiB, and this one takes 192 MiB\..*maxStorageBufferBindingSize/,
    ),
    expect.stringMatching(/^too-large: A picture of 8320 x 8320 px .* 8192 px\..*maxTextureDimension2D/),
  ]);
});
