import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { buildLibrary, type EmbedSite, openEmbedSite } from '../support/embed-site';

/** Browsers without JavaScript Promise Integration, as Safari: the other build of the runtime, which lies there compressed. */

declare global {
  interface Window {
    leap: typeof Client;
  }
}

let site: EmbedSite;

test.beforeAll(async () => {
  await buildLibrary();
  site = await openEmbedSite({ isolated: true });
});

test.afterAll(() => site.close());

async function open(page: Page): Promise<string[]> {
  test.setTimeout(180_000);
  const fetched: string[] = [];
  page.on('request', (request) => {
    const [name] = request.url().match(/[^/]*\.wasm.*$/) ?? [];
    if (name) fetched.push(name.replace(/-\w+\.wasm/, '.wasm'));
  });
  await page.addInitScript(() => {
    delete (WebAssembly as { Suspending?: unknown }).Suspending;
  });
  await page.goto(site.url);
  await page.waitForFunction(() => window.leap);
  return fetched;
}

/** @param where `page` or `worker`: which thread computes */
function upscaleSmall(page: Page, where: 'page' | 'worker', backend: 'webgpu' | 'wasm') {
  return page.evaluate(
    async ({ where, backend }) => {
      const forget = 'data:text/javascript,delete WebAssembly.Suspending';
      const makeWorker = () => {
        const script = `import ${JSON.stringify(forget)}; import ${JSON.stringify(`${location.origin}/lib/worker.js`)};`;
        const blob = new Blob([script], { type: 'text/javascript' });
        return new Worker(URL.createObjectURL(blob), { type: 'module' });
      };
      const place = where === 'page' ? { thread: 'this' as const } : { worker: makeWorker };
      const upscaler = await window.leap.createUpscaler({ ...place, backend, precision: 'fp32' });
      const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
      const hints = { family: 'sdxl', space: 'model' } as const;
      const wish = { scale: 2, method: 'lua', output: 'rgba' } as const;
      const { rgba, report } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, wish);
      await upscaler.close();
      return { levels: new Set(rgba).size, backend: report.backend, adapter: report.adapter };
    },
    { where, backend },
  );
}

test('a worker unpacks it and has its threads', async ({ page }) => {
  const fetched = await open(page);
  const { levels, adapter } = await upscaleSmall(page, 'worker', 'wasm');
  expect(levels).toBeGreaterThan(20);
  expect(adapter).toMatch(/[2-8] threads/);
  expect(fetched).toEqual(['ort-wasm-simd-threaded.asyncify.wasm.gz']);
});

test('ImageData of a canvas is read as the same picture from a file is', async ({ page }) => {
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

test('a page computes with it on WebGPU', async ({ page }) => {
  const fetched = await open(page);
  const { levels, backend } = await upscaleSmall(page, 'page', 'webgpu');
  expect(levels).toBeGreaterThan(20);
  expect(backend).toBe('webgpu');
  expect(fetched).toEqual(['ort-wasm-simd-threaded.asyncify.wasm.gz']);
});
