import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { shareSite } from '../support/embed-test';

/**
 * Which build of the runtime is fetched, and from where. Browsers without JavaScript Promise Integration, such as Safari,
 * get another one, which is compressed. A host may also give or name its own.
 */

/** Where a host keeps the runtime, under a name of its own. */
const HOSTED = '/assets/runtime.wasm';

const site = shareSite(async () => {
  const wasm = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url);
  const bytes = await readFile(new URL('ort-wasm-simd-threaded.jspi.wasm', wasm));
  return { isolated: true, files: new Map([[HOSTED, bytes]]) };
});

/** @returns the names of the wasm files that are fetched, as they come in */
async function open(page: Page, { suspends = false } = {}): Promise<string[]> {
  const fetched: string[] = [];
  page.on('request', (request) => {
    const [name] = request.url().match(/[^/]*\.wasm.*$/) ?? [];
    if (name) fetched.push(name.replace(/-\w+\.wasm/, '.wasm'));
  });
  if (!suspends) {
    await page.addInitScript(() => {
      delete (WebAssembly as { Suspending?: unknown }).Suspending;
    });
  }
  await site.open(page);
  return fetched;
}

/**
 * @param where which thread computes: the page's, a worker without JavaScript Promise Integration, or the one by default
 * @param given what the option `runtime.wasm` is
 */
function upscaleSmall(
  page: Page,
  where: 'page' | 'worker' | 'default',
  backend: 'webgpu' | 'wasm',
  given?: { as: 'bytes' | 'address'; path: string },
) {
  return page.evaluate(
    async ({ where, backend, given }) => {
      const forget = 'data:text/javascript,delete WebAssembly.Suspending';
      const makeWorker = () => {
        const script = `import ${JSON.stringify(forget)}; import ${JSON.stringify(`${location.origin}/lib/worker.js`)};`;
        const blob = new Blob([script], { type: 'text/javascript' });
        return new Worker(URL.createObjectURL(blob), { type: 'module' });
      };
      const places = { page: { thread: 'this' as const }, worker: { worker: makeWorker }, default: {} };
      const load = async (path: string) => (await fetch(path)).arrayBuffer();
      const runtime = given && { wasm: given.as === 'bytes' ? await load(given.path) : given.path };
      const options = { ...places[where], ...(runtime && { runtime }), backend, precision: 'fp32' } as const;
      const upscaler = await window.leap.createUpscaler(options);
      const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
      const hints = { family: 'sdxl', space: 'model' } as const;
      const wish = { scale: 2, method: 'lua', output: 'rgba' } as const;
      const { rgba, report } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, wish);
      await upscaler.close();
      return { levels: new Set(rgba).size, backend: report.backend, adapter: report.adapter };
    },
    { where, backend, given },
  );
}

test('a worker unpacks the runtime and has its threads', async ({ page }) => {
  const fetched = await open(page);
  const { levels, adapter } = await upscaleSmall(page, 'worker', 'wasm');
  expect(levels).toBeGreaterThan(20);
  expect(adapter).toMatch(/[2-8] threads/);
  expect(fetched).toEqual(['ort-wasm-simd-threaded.asyncify.wasm.gz']);
});

test('ImageData of a canvas gives the latent that the same picture gives as a file', async ({ page }) => {
  await open(page);
  const { found, wanted, result } = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [24, 16];
    const context = canvas.getContext('2d')!;
    for (let x = 0; x < 24; x++) {
      context.fillStyle = `hsl(${x * 15} 80% 50%)`;
      // The last rows are transparent: they are laid on white, both times.
      context.fillRect(x, 0, 1, 12);
    }
    const upscaler = await window.leap.createUpscaler({ backend: 'wasm' });
    const hints = { family: 'sdxl' } as const;
    const latent = await upscaler.read(context.getImageData(0, 0, 24, 16), hints);
    const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    const fromFile = await upscaler.read(file!, hints);
    const { report } = await upscaler.upscale(latent, { scale: 2, method: 'bicubic' });
    await upscaler.close();
    return {
      found: [...latent.data],
      wanted: [...fromFile.data],
      result: [latent.provenance.container, ...latent.dims, report.width, report.height],
    };
  });
  expect(new Set(found).size).toBeGreaterThan(10);
  expect(found).toEqual(wanted);
  expect(result).toEqual(['picture', 4, 2, 3, 48, 32]);
});

test('a page computes with that runtime on WebGPU', async ({ page }) => {
  const fetched = await open(page);
  const { levels, backend } = await upscaleSmall(page, 'page', 'webgpu');
  expect(levels).toBeGreaterThan(20);
  expect(backend).toBe('webgpu');
  expect(fetched).toEqual(['ort-wasm-simd-threaded.asyncify.wasm.gz']);
});

for (const given of ['bytes', 'address'] as const) {
  test(`runtime.wasm as ${given}: the worker has its threads, and fetches nothing else`, async ({ page }) => {
    const fetched = await open(page, { suspends: true });
    const { levels, adapter } = await upscaleSmall(page, 'default', 'wasm', { as: given, path: HOSTED });
    expect(levels).toBeGreaterThan(20);
    expect(adapter).toMatch(/[2-8] threads/);
    // Bytes are fetched by the page, for the option; an address by the worker.
    expect(fetched).toEqual(['runtime.wasm']);
  });
}
