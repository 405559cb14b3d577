import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { drop, expect, readSample, type TestFile, test, waitForBoth } from '../support/page-test';

/** A file that training/fixtures/make_fixtures.py made with the real writers. */
function fixture(room: 'formats' | 'latent', file: string): TestFile {
  const path = new URL(`../../src/${room}/__fixtures__/${file}`, import.meta.url);
  return { name: file, bytes: readFileSync(path) };
}

const GOOD: readonly [file: string, family: string, space: string, says: string][] = [
  ['ComfyUI_flux1.latent', 'flux1', 'decoder', 'ComfyUI, safetensors'],
  ['ComfyUI_flux2.latent', 'flux2', 'model', 'ComfyUI, safetensors'],
  ['cat_0064x0048_f2d.safetensors', 'flux2', 'model', 'musubi-tuner, safetensors'],
  ['admiral_sd3.npy', 'sd3', 'model', 'npy'],
  ['cat_0064x0048_sd3.npz', 'sd3', 'decoder', 'sd-scripts, npz'],
  ['Tensor_1-3f2c', 'flux1', 'model', 'InvokeAI, torch.save'],
  // FLUX.2 in decoder space, by the published batch norm.
  ['Tensor_2-f1d0', 'flux2', 'decoder', 'InvokeAI, torch.save'],
  ['toolkit_sdxl.safetensors', 'sdxl', 'model', 'ai-toolkit, safetensors'],
  ['cat_0064x0048_sdxl.safetensors', 'sdxl', 'decoder', 'sd-scripts, safetensors'],
];

const BAD: readonly [room: 'formats' | 'latent', file: string, code: string][] = [
  ['formats', 'lying-size.npz', 'damaged-file'],
  ['formats', 'bomb.npz', 'too-large'],
  ['formats', 'only-code.pt', 'unsupported'],
  ['formats', 'code.pkl', 'unsupported'],
  ['formats', 'big-endian.pt', 'unsupported'],
  ['formats', 'object.npy', 'unsupported'],
  ['formats', 'float8.safetensors', 'not-a-latent'],
  ['formats', 'other.zip', 'unknown-format'],
  ['latent', 'nan.npy', 'not-a-latent'],
  ['latent', 'channels.npy', 'not-a-latent'],
  ['latent', 'empty.npy', 'not-a-latent'],
  ['latent', 'one-pixel.npy', 'not-a-latent'],
  ['latent', 'wide.npz', 'too-large'],
  ['latent', 'video.npy', 'unsupported'],
  ['latent', 'ComfyUI_qwen.latent', 'unsupported'],
  ['latent', 'toolkit_qwen.safetensors', 'unsupported'],
];

test.beforeEach(async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
});

test('a file of each container and writer is recognised and read', async ({ page, complaints }) => {
  for (const [file, family, space, says] of GOOD) {
    await drop(page, [file.startsWith('admiral') ? readSample(file) : fixture('latent', file)]);
    await expect(page.getByRole('heading', { name: file })).toBeVisible();
    await expect(page.locator('leap-reading')).toContainText(says);
    await expect(page.getByLabel('Family')).toHaveValue(family);
    await expect(page.getByLabel('Space')).toHaveValue(space);
    await remove(page, file);
  }
  expect(complaints).toEqual([]);
});

test('every kind of bad file gets its own error, and the queue continues', async ({ page, complaints }) => {
  const good = fixture('latent', 'ComfyUI_sdxl.latent');
  await drop(page, [...BAD.map(([room, file]) => fixture(room, file)), good]);
  for (const [, file, code] of BAD) {
    await expect(page.getByRole('heading', { name: file })).toBeVisible();
    await expect(page.locator('leap-problem').first()).toContainText(code);
    await page.keyboard.press(']');
  }
  await expect(page.getByRole('heading', { name: good.name })).toBeVisible();
  await waitForBoth(page);
  expect(complaints).toEqual([]);
});

test('a pointer and a web page in place of a file are called what they are', async ({ page }) => {
  const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 335304388\n');
  await drop(page, [{ name: 'ae.safetensors', bytes: pointer }]);
  await expect(page.locator('leap-problem')).toContainText('Git LFS');
  await remove(page, 'ae.safetensors');
  await drop(page, [{ name: 'gated.safetensors', bytes: Buffer.from('<!DOCTYPE html><html>401</html>') }]);
  await expect(page.locator('leap-problem')).toContainText('web page');
});

test('a packed latent of unknown size asks for its size, and uses the answer', async ({ page }) => {
  await drop(page, [fixture('latent', 'diffusers_packed_flux1_unknown.pt')]);
  await expect(page.locator('leap-problem')).toContainText('ambiguous');
  const choices = page.getByRole('list', { name: 'Possible readings' }).getByRole('button');
  await expect(choices.first()).toContainText(/8 × 6|6 × 8/);
  // Each choice shows its preview, one pixel per latent position.
  await expect(choices.filter({ hasText: '64 × 48 px' }).locator('canvas')).toHaveJSProperty('width', 8);
  await expect(choices.filter({ hasText: '48 × 64 px' }).locator('canvas')).toHaveJSProperty('width', 6);
  await choices.filter({ hasText: '64 × 48 px' }).click();
  await expect(page.locator('leap-problem')).toHaveCount(0);
  await expect(page.locator('leap-reading')).toContainText('8 × 6 (64 × 48 px)');
  await waitForBoth(page);
});

test('a file whose values contradict its writer shows both readings', async ({ page }) => {
  await drop(page, [fixture('latent', 'ComfyUI_sdxl.latent')]);
  await expect(page.locator('leap-reading')).toContainText('A guess, please check.');
  const other = page
    .getByRole('list', { name: 'Possible readings' })
    .getByRole('button', { name: 'model space' });
  await expect(other.locator('canvas')).toHaveCount(1);
  await other.click();
  await expect(page.getByLabel('Space')).toHaveValue('model');
  await expect(page.getByRole('list', { name: 'Possible readings' })).toHaveCount(0);
});

async function remove(page: Page, file: string): Promise<void> {
  await page.getByRole('button', { name: `Remove ${file}` }).click({ force: true });
}
