import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { klShapes } from '../../src/testing/graph/kl-shapes';
import { taesdShapes } from '../../src/testing/graph/network-shapes';
import { makeCheckpoint } from '../support/make-checkpoint';
import {
  drop,
  expect,
  makeLatentFile,
  measurePicture,
  openSmall,
  readPicture,
  sideLabel,
  small,
  type TestFile,
  test,
  waitForBoth,
} from '../support/page-test';

/** TAESD's own weights, which are not part of this repository; `WEIGHTS_FOLDER` names where they are. */
const TAESD = resolve(process.env.WEIGHTS_FOLDER ?? '../shared/weights', 'taesdxl_decoder.safetensors');

/** SDXL's full VAE, but narrow. */
const fullVae = makeCheckpoint(
  'narrow_vae.safetensors',
  klShapes({
    channels: 4,
    encoderWidths: [32, 32, 64, 64],
    decoderWidths: [32, 32, 64, 64],
    quantConv: true,
    batchNorm: false,
  }),
);

/** Adds a file that was dropped on the page, as the page offers it. */
async function addDropped(page: Page, file: TestFile, family: string): Promise<void> {
  await drop(page, [file]);
  const form = page.locator('leap-inspector leap-add-model');
  await expect(form).toContainText(file.name);
  await form.getByLabel('Family').selectOption(family);
  await form.getByRole('button', { name: 'Add model' }).click();
  await expect(page.locator('leap-notices')).toContainText(`${file.name} was added`);
  await expect(form).toHaveCount(0);
}

/** Chooses a decoder of one side in its panel. */
async function chooseDecoder(
  page: Page,
  side: 'left' | 'right',
  name: string,
  button: string | RegExp = 'Show',
): Promise<void> {
  await page.getByRole('button', { name: `${side} side` }).click();
  const panel = page.getByRole('dialog', { name: `${side} side` });
  await panel.getByLabel(name).check();
  const mismatch = panel.getByText('LUA is made for the embedded decoder.');
  await expect(mismatch).toHaveCount(side === 'right' && name !== 'Leap decoder' ? 1 : 0);
  await panel.getByRole('button', { name: button }).click();
  const whole = side === 'left' ? `${name}, then Lanczos` : `LUA, ${name}`;
  await expect(page.getByRole('button', { name: `${side} side: ${whole}` })).toBeVisible();
}

test('one latent through the embedded, the tiny and a full decoder', async ({ page, server, complaints }) => {
  test.skip(!existsSync(TAESD), `TAESD's weights are not there: ${TAESD}`);
  test.setTimeout(180_000);
  await openSmall(page, server);
  const embedded = (await readPicture(page, 'pixels')).rgba.toString('base64');

  const taesd = { name: 'taesdxl_decoder.safetensors', bytes: readFileSync(TAESD) };
  await addDropped(page, taesd, 'sdxl');
  await chooseDecoder(page, 'left', taesd.name);
  await waitForBoth(page);
  await expect(page.locator('leap-timings .models')).toContainText(taesd.name);
  const tiny = (await readPicture(page, 'pixels')).rgba.toString('base64');
  expect(tiny).not.toBe(embedded);

  await addDropped(page, fullVae, 'sdxl');
  await chooseDecoder(page, 'right', fullVae.name);
  await waitForBoth(page);
  const full = await measurePicture(page, 'lua');
  expect(full).toMatchObject({ width: 128, height: 128 });
  expect(full.deviation).toBeGreaterThan(1);
  // The left side was left alone.
  expect((await readPicture(page, 'pixels')).rgba.toString('base64')).toBe(tiny);

  // Both sides still share one view, and the next latent of the family begins with the same choice.
  await page.keyboard.press('d');
  await drop(page, [makeLatentFile('again_sdxl.safetensors', 4, 8)]);
  await expect(page.getByRole('button', { name: `right side: LUA, ${fullVae.name}` })).toBeVisible();
  await waitForBoth(page);
  expect(complaints).toEqual([]);
});

test('a dropped checkpoint is offered as a model; removing it takes its pictures along', async ({
  page,
  server,
}) => {
  await openSmall(page, server);
  const file = makeCheckpoint('tiny.safetensors', taesdShapes('decoder', 4, false));
  await drop(page, [file]);
  const form = page.locator('leap-inspector leap-add-model');
  await expect(form).toContainText('decoder for 4 channels');
  await expect(page.locator('leap-strip .thumbnail').nth(1)).toHaveText('Model');
  // On the stage stands what it is, what it is good for, and what to do next.
  const stage = page.locator('leap-model-file');
  await expect(stage).toContainText('This is a model, not a latent');
  await expect(stage).toContainText('A decoder for latents of SD 1.5 or SDXL.');
  await expect(stage).toContainText('It turns latents into pictures.');
  await expect(stage).toContainText('press Add model');
  await expect(stage).toContainText(`what it makes of ${small.name}`);
  // Four channels are SD 1.5's and SDXL's: nobody else is to choose from.
  await expect(form.getByLabel('Family').locator('option')).toHaveText(['SD 1.5', 'SDXL']);
  await expect(form.getByLabel('Part')).toHaveCount(0);
  await form.getByLabel('Family').selectOption('sdxl');
  await form.getByRole('button', { name: 'Add model' }).click();
  await expect(page.locator('leap-strip .frame')).toHaveCount(1);

  await chooseDecoder(page, 'right', file.name);
  await expect(sideLabel(page, 'lua')).toContainText(/decode \S+ m?s|broken/);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const row = page.locator('leap-models .model').filter({ hasText: file.name });
  await expect(row).toContainText('a file from this machine');
  await row.getByRole('button', { name: /^Remove/ }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('button', { name: 'right side: LUA, Leap decoder' })).toBeVisible();
  await expect(sideLabel(page, 'lua')).toContainText('Not run');
});

test('a model that is added for a family which is not open says so', async ({ page, server }) => {
  await openSmall(page, server);
  const file = makeCheckpoint('tiny.safetensors', taesdShapes('decoder', 4, false));
  await drop(page, [file]);
  await expect(page.locator('leap-model-file')).toContainText(
    `Added for SDXL, it can show on the right what it makes of ${small.name}`,
  );
  const form = page.locator('leap-inspector leap-add-model');
  await form.getByLabel('Family').selectOption('sd15');
  await form.getByRole('button', { name: 'Add model' }).click();
  const notices = page.locator('leap-notices');
  await expect(notices).toContainText('It is for SD 1.5, and what is open is of other families.');
  await expect(page.getByRole('button', { name: 'Show it on the right' })).toHaveCount(0);
});

test('of two dropped checkpoints each keeps its form, whichever is looked at', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const shapes = taesdShapes('decoder', 4, false);
  await drop(page, [
    makeCheckpoint('first.safetensors', shapes),
    makeCheckpoint('second.safetensors', shapes),
  ]);
  const frames = page.locator('leap-strip .frame');
  const form = page.locator('leap-inspector leap-add-model');
  await frames.nth(0).click();
  await expect(form).toContainText('first.safetensors');
  await frames.nth(1).click();
  await expect(form).toContainText('second.safetensors');
  await frames.nth(0).click();
  await expect(form).toContainText('first.safetensors');
  await form.getByLabel('Family').selectOption('sdxl');
  // Adding takes a moment; meanwhile somebody looks at the other one. Both clicks in one task of the page, or a
  // fast machine has added the model, and taken its frame away, before the second.
  const other = await frames.nth(1).evaluateHandle((frame) => frame as HTMLElement);
  const add = form.getByRole('button', { name: 'Add model' });
  await add.evaluate((button: HTMLElement, frame) => {
    button.click();
    frame.click();
  }, other);
  await expect(frames).toHaveCount(1);
  await expect(form).toContainText('second.safetensors');
});

test('a whole VAE is added for its decoder; the dialogue takes a dropped file too', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const dialog = page.locator('leap-models dialog');
  await dialog.locator('.model').first().waitFor();
  await page.evaluate(() => undefined);
  await dropOn(page, 'leap-models dialog', fullVae);
  const form = dialog.locator('leap-add-model');
  await expect(form).toContainText('decoder for 4 channels and encoder for 4 channels');
  // The page has an encoder of its own, and uses no other.
  await expect(form.getByLabel('Part')).toHaveCount(0);
  // Neither the file's name nor an open latent says it.
  await expect(form.getByLabel('Family')).toHaveValue('');
  await form.getByLabel('Family').selectOption('sdxl');
  await form.getByRole('button', { name: 'Add model' }).click();
  const decoders = dialog.getByRole('list', { name: 'Decode' }).locator('.model');
  await expect(decoders.filter({ hasText: fullVae.name })).toContainText('stored');
  // Nothing reached the queue.
  await expect(page.locator('leap-strip .frame')).toHaveCount(0);
});

/**
 * Answers for the hub with the one file whose size and hash nobody has written down: any of the right shape will do.
 * @returns what lets everything but the first piece wait, and go on
 */
async function serveHub(page: Page): Promise<{ hold(): void; letGo(): void }> {
  const shapes = Object.entries(taesdShapes('decoder', 32, true));
  const { bytes } = makeCheckpoint(
    'taef2',
    Object.fromEntries(shapes.map(([name, shape]) => [`decoder.${name}`, shape])),
  );
  let held: Promise<void> | undefined;
  let letGo = () => {};
  await page.context().route('https://huggingface.co/**', async (route) => {
    const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers().range ?? '');
    const first = Number(range?.[1] ?? 0);
    const last = Math.min(Number(range?.[2] || bytes.length - 1), bytes.length - 1);
    if (first > 0) await held;
    const headers = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Content-Range, ETag',
      'Content-Type': 'application/octet-stream',
      ETag: '"one"',
      ...(range ? { 'Content-Range': `bytes ${first}-${last}/${bytes.length}` } : {}),
    };
    const body = Buffer.from(bytes.slice(first, last + 1));
    // The page may have given up meanwhile.
    await route.fulfill({ status: range ? 206 : 200, headers, body }).catch(() => undefined);
  });
  return {
    hold: () => {
      held = new Promise((resolve) => {
        letGo = resolve;
      });
    },
    letGo: () => {
      held = undefined;
      letGo();
    },
  };
}

test('a model of the hub says its size, is fetched ahead, cancelled, kept offline and deleted', async ({
  page,
  server,
}) => {
  const hub = await serveHub(page);
  await page.goto(`${server.url}?backend=wasm`);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const row = page.locator('leap-models .model').filter({ hasText: 'TAEF2' });
  await expect(row).toContainText('size not known');
  await expect(row).toContainText('MIT');
  await expect(row.getByRole('link')).toHaveAttribute('rel', /noopener/);
  hub.hold();
  await row.getByRole('button', { name: /^Fetch/ }).click();
  await expect(row.locator('.loading')).toContainText(/of \S+ MB/);
  await row.getByRole('button', { name: /^Cancel/ }).click();
  await expect(row.getByRole('button', { name: /^Fetch/ })).toBeVisible();
  // What is not kept in the end does not say so.
  await row.getByLabel('Keep offline').check();
  await row.getByRole('button', { name: /^Cancel/ }).click();
  await expect(row.getByRole('button', { name: /^Fetch/ })).toBeVisible();
  await expect(row.getByLabel('Keep offline')).not.toBeChecked();
  hub.letGo();

  await row.getByLabel('Keep offline').check();
  await expect(row).toContainText('MB, stored');
  await expect(row.getByLabel('Keep offline')).toBeChecked();
  await expect(page.getByRole('button', { name: 'Delete what is not kept' })).toBeDisabled();
  await row.getByRole('button', { name: /^Delete/ }).click();
  await expect(row.getByRole('button', { name: /^Fetch/ })).toBeVisible();
});

test('choosing a model that is not stored fetches nothing yet; then it shows bytes and can be cancelled', async ({
  page,
  server,
}) => {
  const hub = await serveHub(page);
  const asked: string[] = [];
  page.context().on('request', (request) => {
    if (request.url().startsWith('https://huggingface.co/')) asked.push(request.url());
  });
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_flux2.safetensors', 32, 8)]);
  await waitForBoth(page);
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await panel.getByLabel('TAEF2').check();
  const fetchAndShow = panel.getByRole('button', { name: 'Fetch and show' });
  await expect(fetchAndShow).toBeEnabled();
  expect(asked).toEqual([]);
  hub.hold();
  await fetchAndShow.click();
  await expect(sideLabel(page, 'lua')).toContainText(/Fetching the model, \S+ \wB of \S+ MB/);
  // Escape is first of all the open panel's, also in the task that opens it.
  const clickAndEscape = (button: HTMLElement) => {
    button.click();
    button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
  };
  await page.getByRole('button', { name: 'right side' }).evaluate(clickAndEscape);
  await expect(panel).toBeVisible();
  await expect(sideLabel(page, 'lua')).toContainText('Fetching the model');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(sideLabel(page, 'lua')).toContainText('Fetching the model');
  // With the panel gone it is the page's again, also in the task that closes it.
  await page.getByRole('button', { name: 'right side' }).click();
  await expect(panel).toBeVisible();
  await page.getByRole('button', { name: 'right side' }).evaluate(clickAndEscape);
  await expect(panel).toBeHidden();
  // The picture from before was there all the time, and is what was chosen again.
  await waitForBoth(page);
  await expect(page.getByRole('button', { name: 'right side: LUA, Leap decoder' })).toBeVisible();
  hub.letGo();
  await chooseDecoder(page, 'right', 'TAEF2', /and show/);
  await expect(page.locator('leap-timings .models')).toContainText('TAEF2');
  expect(asked.length).toBeGreaterThan(0);
});

test('the list shows what is stored and deletes it', async ({ page, server }) => {
  await openSmall(page, server);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const stored = page.locator('leap-models .model').filter({ hasText: 'stored' });
  await expect(stored).toHaveCount(2);
  await expect(page.locator('leap-models')).toContainText('Apache-2.0');
  await expect(page.locator('leap-models footer')).toContainText(/uses .* of the/);
  await stored
    .first()
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(stored).toHaveCount(1);
  // What the filter hides stays.
  await page.getByLabel('Family').first().selectOption('flux1');
  await expect(page.getByRole('button', { name: 'Delete what is not kept for FLUX.1' })).toBeDisabled();
  await page.getByLabel('Family').first().selectOption('sdxl');
  await page.getByRole('button', { name: 'Delete what is not kept for SDXL' }).click();
  await expect(stored).toHaveCount(0);
});

test('an address that the policy forbids is refused in words', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await page.getByRole('button', { name: 'Models', exact: true }).click();
  const form = page.locator('leap-models leap-add-model');
  await form.getByLabel('Address').fill('https://models.example.org/vae.safetensors');
  await form.getByLabel('Family').selectOption('sdxl');
  await form.getByRole('button', { name: 'Add model' }).click();
  await expect(form.locator('leap-problem')).toContainText('forbidden-address');
});

/** Drops one file on an element. */
async function dropOn(page: Page, selector: string, { name, bytes }: TestFile): Promise<void> {
  const text = Buffer.from(bytes).toString('base64');
  const transfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const data = new DataTransfer();
      const values = Uint8Array.from(atob(base64!), (char) => char.charCodeAt(0));
      data.items.add(new File([values], fileName!));
      return data;
    },
    [name, text] as const,
  );
  await page.locator(selector).dispatchEvent('drop', { dataTransfer: transfer });
}
