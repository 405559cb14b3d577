import { expect, type Page, test } from '@playwright/test';
import { digestOf } from '../../src/testing/digest-of';
import { makeLatent, makeTestModels } from '../../src/testing/engine/test-models';
import { COMMIT, KEEP, makeVae, vaeFile } from '../../src/testing/weights/hub-checkpoint';
import { startVaeHub, type VaeHub } from '../../src/testing/weights/vae-hub';
import type { CatalogEntry } from '../../src/weights/types';
import { buildLibrary, type EmbedSite, openEmbedSite } from '../support/embed-site';
import { openHost } from '../support/embed-test';
import { upscaleInNode } from '../support/upscale-in-node';

/** Models of a hub as an embedder uses them: through the built library and its worker, down to the picture. */

const VAE = vaeFile(makeVae({ wide: true }));
const ID = 'vae-test-sdxl';
const LATENT = makeLatent('sdxl', 8, 8);

let site: EmbedSite;
let served: VaeHub;

test.beforeAll(async () => {
  await buildLibrary();
});

test.beforeEach(async ({ page }) => {
  test.setTimeout(180_000);
  served = await startVaeHub(VAE);
  site = await openEmbedSite();
  const files = [{ path: served.link, bytes: 0, keep: KEEP }];
  site.models.catalog.models.push({ ...describeVae(), embedded: false, files });
  await openHost(page, site.url);
});

test.afterEach(async () => {
  site.close();
  await served.hub.close();
});

function describeVae(): CatalogEntry {
  return {
    id: ID,
    kind: 'decoder',
    architecture: 'kl-decoder',
    label: 'Random VAE',
    family: 'sdxl',
    space: 'decoder',
    files: [{ path: 'vae.safetensors', bytes: VAE.length, sha256: digestOf(VAE) }],
    embedded: true,
    licence: 'none',
    source: 'made for a test',
    graphs: [],
  };
}

/** The same weights, whole and in float32, without a hub or a browser. */
async function decodeInNode(): Promise<Uint8ClampedArray> {
  const models = makeTestModels();
  models.catalog.models.push(describeVae());
  models.files.set('vae.safetensors', VAE);
  const { rgba } = await upscaleInNode(models, LATENT, { scale: 1, method: 'bicubic', decoder: ID });
  return rgba;
}

test('a VAE of the hub is fetched ahead, and decodes what Node decodes with the whole file', async ({
  page,
}) => {
  const { status, progress, pixels, used } = await fetchAndDecode(page);
  expect(status).toMatchObject({ id: ID, complete: true, custom: false, pinned: false, revision: COMMIT });
  const [loaded, total] = progress.at(-1)!;
  expect(loaded).toBe(total);
  expect(progress.length).toBeGreaterThan(2);
  expect(total).toBeLessThan(VAE.length - 2_000_000);
  expect(used).toBe(ID);

  const expected = await decodeInNode();
  expect(pixels).toHaveLength(expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0);
  // The browser has the weights as float16; a wrong tensor would be off by far more.
  expect(worst).toBeLessThanOrEqual(3);
  // It is a picture, not a flat field that anything would match.
  expect(new Set(expected).size).toBeGreaterThan(50);
});

function fetchAndDecode(page: Page) {
  const latent = { ...LATENT, data: [...LATENT.data] };
  return page.evaluate(
    async ({ latent, id }) => {
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm', precision: 'fp32' });
      const progress: [number, number][] = [];
      const status = await upscaler.fetchModel(id, {
        onProgress: ({ phase, done, total }) => phase === 'download' && progress.push([done, total]),
      });
      const plain = { ...latent, data: Float32Array.from(latent.data) };
      const { image, report } = await upscaler.upscale(plain, { scale: 1, method: 'bicubic', decoder: id });
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
      context.drawImage(image, 0, 0);
      const pixels = [...context.getImageData(0, 0, image.width, image.height).data];
      await upscaler.close();
      return { status, progress, pixels, used: report.models.decoder };
    },
    { latent, id: ID },
  );
}

test('a download can be cancelled, errors keep their codes, and models can be added, kept and removed', async ({
  page,
}) => {
  const slow = { kind: 'slow', chunk: 1 << 20, pause: 30 } as const;
  const { hub, content, link } = served;
  hub.fail(content, slow, slow);
  const result = await page.evaluate(
    async ({ id, link, origin }) => {
      const upscaler = await window.leap.createUpscaler({ backend: 'wasm', modelHosts: [origin] });
      const codeOf = (promise: Promise<unknown>) =>
        promise.then(
          () => 'done',
          ({ code }) => code as string,
        );
      const cancel = new AbortController();
      const onProgress = ({ done, total }: { done: number; total: number }) => {
        if (done > total / 2) cancel.abort();
      };
      const cancelled = await codeOf(upscaler.fetchModel(id, { signal: cancel.signal, onProgress }));
      const blob = await (await fetch(link)).blob();
      const file = new File([blob], 'my.safetensors');
      const added = await upscaler.addModel(file, { family: 'sdxl', label: 'mine' });
      const encoder = await upscaler.addModel(link, { family: 'sdxl', kind: 'encoder' });
      const codes = [
        await codeOf(upscaler.addModel(file, { family: 'flux1' })),
        await codeOf(upscaler.addModel(new Blob(['nonsense']), { family: 'sdxl' })),
        await codeOf(upscaler.addModel('https://example.net/a.safetensors', { family: 'sdxl' })),
        await codeOf(upscaler.pinModel('nothing', true)),
        await codeOf(upscaler.addModel(file, { family: 'sdxl' }, { signal: AbortSignal.abort() })),
      ];
      await upscaler.close();

      const again = await window.leap.createUpscaler({ backend: 'wasm' });
      const pinned = await again.pinModel(id, true);
      await again.pinModel(encoder.id, false);
      await again.clearCache();
      const left = (await again.models()).filter(({ complete }) => complete).map((model) => model.id);
      await again.removeModel(added.id);
      const custom = (await again.models()).filter((model) => model.custom).length;
      await again.close();
      return { cancelled, added, encoder, codes, pinned, left, custom };
    },
    { id: ID, link, origin: hub.origin },
  );
  expect(result.cancelled).toBe('cancelled');
  expect(result.added).toMatchObject({
    label: 'mine',
    custom: true,
    pinned: true,
    architecture: 'kl-decoder',
  });
  expect(result.encoder).toMatchObject({ kind: 'encoder', custom: true, architecture: 'kl-encoder' });
  expect(result.codes).toEqual([
    'bad-option',
    'unknown-format',
    'forbidden-address',
    'no-model',
    'cancelled',
  ]);
  expect(result.pinned).toMatchObject({ id: ID, pinned: true, complete: true });
  expect(result.left.toSorted()).toEqual([ID, result.added.id].toSorted());
  expect(result.custom).toBe(0);
});
