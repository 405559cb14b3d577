import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { shareSite } from '../support/embed-test';

/** The library inside a worker of the host: in that thread, or in a worker that it starts from there. */

/** Does one small job, and says how many workers that started. */
const HOST_WORKER = `
  import { createUpscaler } from '/lib/index.js';
  let workers = 0;
  self.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      workers++;
    }
  };
  onmessage = async ({ data: options }) => {
    try {
      const upscaler = await createUpscaler({ backend: 'wasm', ...options });
      const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
      const hints = { family: 'sdxl', space: 'model' };
      const wish = { scale: 2, method: 'lua', output: 'rgba' };
      const { rgba, report } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, wish);
      await upscaler.close();
      postMessage({ rgba, backend: report.backend, workers });
    } catch ({ code, message }) {
      postMessage({ code, message, workers });
    }
  };`;

// Not where the page is: what is relative must not depend on it.
const site = shareSite(() => ({ files: new Map([['/deep/below/host.js', HOST_WORKER]]) }));

test.beforeEach(({ page }) => site.open(page));

interface Answer {
  rgba?: Uint8ClampedArray;
  backend?: string;
  workers: number;
  code?: string;
  message?: string;
}

/**
 * What the host's worker makes, beside what the page makes in a worker of the library's own.
 * @param from `file`: the worker has an address; `blob`: it was made of a text, as bundlers and CDNs do
 */
function compare(page: Page, from: 'file' | 'blob', options: Client.CreateOptions) {
  return page.evaluate(
    async ({ from, options, script }) => {
      const text = script.replace('/lib/', `${location.origin}/lib/`);
      const address =
        from === 'file'
          ? '/deep/below/host.js'
          : URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
      const worker = new Worker(address, { type: 'module' });
      const answer = await new Promise<Answer>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(options);
      });
      worker.terminate();
      const { rgba = new Uint8ClampedArray(), ...rest } = answer;
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm', models: '/models/' });
      const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
      const hints = { family: 'sdxl', space: 'model' } as const;
      const wish = { scale: 2, method: 'lua', output: 'rgba' } as const;
      const { rgba: expected } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, wish);
      await upscaler.close();
      const differences = expected.filter((level, i) => level !== rgba[i]).length;
      return { ...rest, differences, levels: new Set(expected).size };
    },
    { from, options, script: HOST_WORKER },
  );
}

/** The path of every catalogue that is asked for. */
function watchCatalogues(page: Page): Set<string> {
  const asked = new Set<string>();
  page.on('request', (request) => {
    if (request.url().endsWith('catalog.json')) asked.add(new URL(request.url()).pathname);
  });
  return asked;
}

for (const from of ['file', 'blob'] as const) {
  test(`a host's worker (${from}) computes in its own thread`, async ({ page }) => {
    const asked = watchCatalogues(page);
    const found = await compare(page, from, { thread: 'this' });
    expect(found).toMatchObject({ backend: 'wasm', workers: 0, differences: 0 });
    expect(found.levels).toBeGreaterThan(20);
    // The models are at the root of the origin, wherever the worker's script is.
    expect([...asked]).toEqual(['/models/catalog.json']);
  });

  test(`a host's worker (${from}) starts the library's worker, with the models where they are`, async ({
    page,
  }) => {
    const asked = watchCatalogues(page);
    const found = await compare(page, from, {});
    expect(found).toMatchObject({ backend: 'wasm', workers: 1, differences: 0 });
    expect([...asked]).toEqual(['/models/catalog.json']);
  });
}

test("addresses that a host's worker gives are relative to the origin", async ({ page }) => {
  const asked = watchCatalogues(page);
  const found = await compare(page, 'file', { models: 'models', worker: 'lib/worker.js' });
  expect(found).toMatchObject({ workers: 1, differences: 0 });
  expect([...asked]).toEqual(['/models/catalog.json']);
});
