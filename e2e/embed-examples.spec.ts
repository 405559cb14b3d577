import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { writeLatent } from '../src/latent';
import { makeLatent } from '../src/testing/engine/test-models';
import { buildLibrary, type EmbedSite, openEmbedSite } from './support/embed-site';
import { makeSdTurbo } from './support/embed-stand-ins';

/** The files of examples/ as they are, but for the CDN's address: a second server stands in for it. */

const CDN = 'https://cdn.jsdelivr.net/npm/';
let cdn: EmbedSite;
let host: EmbedSite;

test.beforeAll(async () => {
  await buildLibrary();
  cdn = await openEmbedSite({ shared: true });
  const files = new Map<string, Uint8Array | string>();
  for (const [path, bytes] of makeSdTurbo()) files.set(`/generator/${path}`, bytes);
  for (const name of ['plain', 'web-txt2img']) {
    const html = await readFile(new URL(`../examples/${name}.html`, import.meta.url), 'utf8');
    files.set(`/${name}/`, toLocal(html, cdn.url));
  }
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

test.beforeEach(() => test.setTimeout(240_000));

test('a plain page draws a dropped latent at twice its size', async ({ page }) => {
  await page.goto(`${host.url}plain/`);
  const bytes = writeLatent(makeLatent('sdxl', 8, 8), 'safetensors');
  await page.getByLabel('A latent file').setInputFiles({
    name: 'fox.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(bytes),
  });
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
