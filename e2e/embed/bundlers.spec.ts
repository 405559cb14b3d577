import { expect, type Page, test } from '@playwright/test';
import type * as Client from '../../src/client/index';
import { buildLibrary, openEmbedSite } from '../support/embed-site';
import { openHost } from '../support/embed-test';
import { bundleWithRollup, bundleWithWebpack } from '../support/other-bundlers';

/** The library as webpack and Rollup leave it, in a page. Vite's is in host.spec.ts and engine.spec.ts. */

test.beforeAll(buildLibrary);

test.beforeEach(() => test.setTimeout(180_000));

/** Runs one small job in the page, in a worker and in its own thread. @returns what is different of the two pictures */
function upscaleBothWays(page: Page, worker?: string) {
  return page.evaluate(async (worker) => {
    const data = new Float32Array(4 * 4 * 4).map((_, i) => Math.sin(i));
    const upscale = async (options: Client.CreateOptions) => {
      const models = '/models/';
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm', models, ...options });
      const hints = { family: 'sdxl', space: 'model' } as const;
      const wish = { scale: 2, method: 'lua', output: 'rgba' } as const;
      const { rgba } = await upscaler.run({ data, dims: [4, 4, 4] }, hints, wish);
      await upscaler.close();
      return rgba;
    };
    const there = await upscale(worker ? { worker } : {});
    const here = await upscale({ thread: 'this' });
    return {
      bytes: there.length,
      levels: new Set(there).size,
      differences: there.filter((level, i) => level !== here[i]).length,
    };
  }, worker);
}

test("webpack's bundle opens in a page, its worker and its runtime too", async ({ page }) => {
  const html = '<!doctype html><title>embedder</title><script src="/lib/bundle.js"></script>';
  const site = await openEmbedSite({
    library: await bundleWithWebpack(),
    files: new Map([['/host/', html]]),
  });
  await openHost(page, `${site.url}host/`);
  const { bytes, levels, differences } = await upscaleBothWays(page);
  site.close();
  expect({ bytes, differences }).toEqual({ bytes: 64 * 64 * 4, differences: 0 });
  expect(levels).toBeGreaterThan(20);
});

test("Rollup's bundle opens in a page, with the worker that the page names", async ({ page }) => {
  const site = await openEmbedSite({ library: await bundleWithRollup() });
  await openHost(page, site.url);
  const found = await upscaleBothWays(page, '/latent-leap/worker.js');
  site.close();
  expect(found).toMatchObject({ bytes: 64 * 64 * 4, differences: 0 });
  expect(found.levels).toBeGreaterThan(20);
});
