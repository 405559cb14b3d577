import type { Page } from '@playwright/test';
import { writeSafetensors } from '../../src/formats/index';
import {
  drop,
  expect,
  frames,
  makeLatentFile,
  makeTransfer,
  other,
  readPicture,
  sideLabel,
  small,
  test,
  waitForBoth,
} from '../support/page-test';

/** Three latents in one file. */
function makeBatch(name: string) {
  const bytes = new Uint8Array(Float32Array.from({ length: 3 * 256 }, (_, i) => Math.sin(i / 3)).buffer);
  return { name, bytes: writeSafetensors([{ name: 'latents', dtype: 'F32', shape: [3, 4, 8, 8], bytes }]) };
}

for (const [what, viewport] of [
  ['a phone', { width: 390, height: 844 }],
  ['a tablet', { width: 820, height: 1180 }],
  ['a laptop at 200 % zoom', { width: 640, height: 400 }],
  ['a laptop', { width: 1280, height: 800 }],
] as const) {
  test(`the queue is seen and the page scrolls past the picture on ${what}`, async ({ page, server }) => {
    await page.setViewportSize(viewport);
    await page.goto(`${server.url}?backend=wasm`);
    await drop(page, [small, other]);
    await expect(frames(page)).toHaveCount(2);
    const frame = (await frames(page).nth(1).boundingBox())!;
    expect(frame.height).toBeGreaterThan(60);
    expect(frame.x + frame.width).toBeLessThanOrEqual(viewport.width);
    await expect(frames(page).nth(1)).toBeInViewport({ ratio: 0.9 });
    const stage = (await page.locator('leap-compare').boundingBox())!;
    expect(stage.height).toBeLessThan(viewport.height);
    const save = page.locator('leap-inspector leap-save');
    await save.scrollIntoViewIfNeeded();
    await expect(save).toBeInViewport();
  });
}

test('latents of a batch are told apart, removed by the Delete key, cleared, and put back', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeBatch('three_sdxl.safetensors')]);
  await expect(frames(page)).toHaveCount(3);
  await expect(frames(page).nth(1)).toContainText('2 of 3');
  await expect(frames(page).nth(1)).toHaveAccessibleName(/2 of 3 in its batch/);
  await waitForBoth(page);

  await page.keyboard.press('Delete');
  await expect(frames(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(frames(page)).toHaveCount(3);
  await expect(frames(page).nth(0)).toContainText('1 of 3');

  // With the focus on a frame each press removes the next one, and never the one that is shown.
  await frames(page).nth(0).click();
  await frames(page).nth(1).focus();
  await page.keyboard.press('Delete');
  await expect(frames(page)).toHaveCount(2);
  await expect(frames(page).nth(1)).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(frames(page)).toHaveCount(1);
  await expect(frames(page).nth(0)).toContainText('1 of 3');
  await expect(frames(page).nth(0)).toBeFocused();
  // Undo puts back the last one, and then the one before it.
  for (const count of [2, 3]) {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(frames(page)).toHaveCount(count);
  }
  for (const n of [1, 2, 3]) await expect(frames(page).nth(n - 1)).toContainText(`${n} of 3`);

  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(page.locator('leap-welcome')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(frames(page)).toHaveCount(3);
  await waitForBoth(page);
});

test('the queue shows small smooth pictures of the results', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeLatentFile('waves_sdxl.safetensors', 4, 16)]);
  await waitForBoth(page);
  const thumbnail = frames(page).locator('canvas');
  await expect(thumbnail).toHaveCSS('image-rendering', 'auto');
  // All of it is in the frame.
  const [frame, drawn] = [
    await page.locator('leap-strip .thumbnail').boundingBox(),
    await thumbnail.boundingBox(),
  ];
  expect(drawn).toEqual(frame);
  await expect(thumbnail).toHaveCSS('object-fit', 'contain');
  const { width, rgba } = await readPicture(page, 'lua');
  expect(width).toBe(256);
  // The result at the thumbnail's size, each pixel the mean of those around its place.
  const seen = await thumbnail.evaluate((node: HTMLCanvasElement) => {
    const { data } = node.getContext('2d')!.getImageData(0, 0, node.width, node.height);
    return { width: node.width, data: [...data] };
  });
  expect(seen.width).toBe(240);
  let sum = 0;
  for (let y = 0; y < 240; y++) {
    for (let x = 0; x < 240; x++) {
      const at = 4 * (Math.floor(((y + 0.5) * 256) / 240) * 256 + Math.floor(((x + 0.5) * 256) / 240));
      sum += Math.abs(seen.data[4 * (y * 240 + x)]! - rgba[at]!);
    }
  }
  expect(sum / 240 ** 2).toBeLessThan(6);
});

test('everything that waits is cancelled at once', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm&scale=4`);
  await drop(page, [makeLatentFile('large_sdxl.safetensors', 4, 64), small, other]);
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect(page.getByRole('button', { name: 'Cancel all' })).toHaveCount(0);
  for (let i = 0; i < 3; i++) await expect(frames(page).nth(i)).toHaveAccessibleName(/not run/);
  await page.getByRole('button', { name: 'Run all' }).click();
  await expect(page.getByRole('button', { name: 'Run all' })).toHaveCount(0);
  for (let i = 1; i < 3; i++) await expect(frames(page).nth(i)).toHaveAccessibleName(/waiting|running|done/);
});

test('a dropped folder is opened, and what cannot be opened in it is named', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await page.evaluate(pretendFolder, [...small.bytes]);
  await drop(page, [{ name: 'folder', bytes: new Uint8Array(1) }]);
  await expect(frames(page)).toHaveCount(2);
  await expect(frames(page).nth(0)).toHaveAccessibleName(/2\.safetensors/);
  await expect(frames(page).nth(1)).toHaveAccessibleName(/10\.safetensors/);
  await expect(page.locator('leap-notices')).toContainText('notes.txt');
});

test('an address is fetched after a question, or refused in words', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  const asked: string[] = [];
  await page.context().route('https://huggingface.co/**', async (route) => {
    asked.push(route.request().url());
    const headers = { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'application/octet-stream' };
    await route.fulfill({ headers, body: Buffer.from(small.bytes) });
  });
  const notices = page.locator('leap-notices');
  await paste(page, 'https://huggingface.co/a/b/blob/main/hub_sdxl.safetensors');
  await expect(notices).toContainText('Fetch hub_sdxl.safetensors from huggingface.co?');
  expect(asked).toEqual([]);
  await notices.getByRole('button', { name: 'Fetch' }).click();
  await expect(frames(page)).toHaveAccessibleName(/hub_sdxl/);
  expect(asked).toEqual(['https://huggingface.co/a/b/resolve/main/hub_sdxl.safetensors']);

  await paste(page, 'https://example.org/elsewhere.latent');
  // Not a question: nothing else could come of it.
  await expect(notices).toContainText(
    'may not fetch anything from example.org, only from its own server, huggingface.co and raw.githubusercontent.com',
  );
  await expect(notices.getByRole('button', { name: 'Fetch' })).toHaveCount(0);
  await paste(page, 'ftp://example.org/old.latent');
  await expect(notices).toContainText('only https addresses can');
  await paste(page, 'a latent, please');
  await expect(notices).toContainText('Only files and https addresses');
});

test("an address on the page's own server is fetched without a question", async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  await paste(page, new URL('samples/hubble_sdxl.latent', server.url).href);
  await expect(frames(page)).toHaveAccessibleName(/hubble_sdxl/);
});

test('addresses that are dropped are fetched after a question', async ({ page, server }) => {
  await page.goto(`${server.url}?backend=wasm`);
  let fetched = 0;
  await page.context().route('https://huggingface.co/**', (route) => {
    fetched++;
    const headers = { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'application/octet-stream' };
    return route.fulfill({ headers, body: Buffer.from(small.bytes) });
  });
  const transfer = await makeTransfer(page, []);
  await transfer.evaluate((data) => {
    const folder = 'https://huggingface.co/a/b/resolve/main';
    const list = [
      '# as a browser lists links',
      `${folder}/one_sdxl.safetensors`,
      `${folder}/two_sdxl.safetensors`,
    ];
    data.setData('text/uri-list', list.join('\r\n'));
  });
  const notices = page.locator('leap-notices');
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop to open')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await expect(page.getByText('Drop to open')).toHaveCount(0);
  await expect(notices).toContainText('Fetch 2 files from huggingface.co?');
  expect(fetched).toBe(0);
  await notices.getByRole('button', { name: 'Fetch' }).click();
  await expect(frames(page)).toHaveCount(2);
  expect(fetched).toBe(2);
});

test('a file of three thousand tensors that could each be the latent does not block the page', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  const bytes = new Uint8Array(Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)).buffer);
  const tensors = Array.from({ length: 3000 }, (_, i) => {
    return { name: `thing.${i}`, dtype: 'F32' as const, shape: [4, 2, 2], bytes };
  });
  await page.evaluate(watchLongTasks);
  await drop(page, [{ name: 'many_sdxl.safetensors', bytes: writeSafetensors(tensors) }]);
  const list = page.locator('leap-candidates[data-for=tensor]').first();
  await expect(list.getByRole('listitem')).toHaveCount(8);
  const shown = (await list.getByRole('listitem').nth(5).textContent()) ?? '';
  const name = /thing\.\d+/.exec(shown)![0];
  await list.getByLabel(/Find among/).fill(name);
  await list
    .getByRole('button', { name: new RegExp(`${name}\\b`) })
    .first()
    .click();
  await expect(page.locator('leap-reading')).toContainText(`${name} [4, 2, 2]`);
  expect(await page.evaluate(readLongestTask)).toBeLessThan(1500);
});

test('a reload offers the queue, with what was chosen and finished, and forgets what was removed', async ({
  page,
  server,
}) => {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [makeBatch('three_sdxl.safetensors'), small]);
  await expect(frames(page)).toHaveCount(4);
  await waitForBoth(page);
  await page.getByRole('button', { name: '4×' }).click();
  await waitForBoth(page);
  await page.getByRole('button', { name: 'right side' }).click();
  const panel = page.getByRole('dialog', { name: 'right side' });
  await panel.getByLabel('Bicubic').first().check();
  await panel.getByRole('button', { name: 'Show' }).click();
  await expect(page.locator('leap-side-label[side=right]')).toContainText('Bicubic');
  await frames(page).nth(1).focus();
  await page.keyboard.press('Delete');
  await expect(frames(page)).toHaveCount(3);
  await frames(page).nth(0).click();
  await waitForBoth(page);
  const times = sideLabel(page, 'pixels').locator('.times');
  const before = (await times.textContent())!;
  const picture = await readPicture(page, 'pixels');
  // Two pictures of each of the three.
  await expect.poll(() => page.evaluate(countKept)).toEqual({ entries: 3, pictures: 6 });

  await page.reload();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await expect(frames(page)).toHaveCount(3);
  await expect(frames(page).nth(0)).toContainText('1 of 3');
  await expect(frames(page).nth(1)).toContainText('3 of 3');
  await expect(page.locator('leap-side-label[side=right]')).toContainText('Bicubic');
  await expect(page.getByRole('button', { name: '4×' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('leap-notices')).not.toContainText('Bring back');
  // Its pictures are those from before: nobody has made them again.
  expect(before).toMatch(/decode \S+ m?s/);
  await expect(times).toHaveText(before);
  expect((await readPicture(page, 'pixels')).rgba.equals(picture.rgba)).toBe(true);
});

/** In the page: what is kept for a reload: entries of the queue, and finished pictures of them. */
async function countKept(): Promise<{ entries: number; pictures: number }> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('latent-leap-work');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = database.transaction('queues').objectStore('queues').getAll();
  // Files and pictures lie beside the queues.
  const values = await new Promise<{ items?: unknown[]; picture?: Blob }[]>((resolve) => {
    all.onsuccess = () => resolve(all.result);
  });
  database.close();
  return {
    entries: values.reduce((sum, { items = [] }) => sum + items.length, 0),
    pictures: values.filter(({ picture }) => picture).length,
  };
}

/** Pastes text on the page, as Ctrl+V does. */
async function paste(page: Page, text: string): Promise<void> {
  const transfer = await makeTransfer(page, []);
  await transfer.evaluate((clipboardData, words) => {
    clipboardData.setData('text/plain', words);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, text);
}

/** In the page: whatever is dropped is a folder of two latents, in a folder of its own, and a note. */
function pretendFolder(bytes: number[]): void {
  const file = (name: string) => ({
    name,
    isDirectory: false,
    file: (done: (file: File) => void) => done(new File([new Uint8Array(bytes)], name)),
  });
  const folder = (name: string, entries: unknown[]) => ({
    name,
    isDirectory: true,
    createReader: () => ({ readEntries: (done: (some: unknown[]) => void) => done(entries.splice(0, 1)) }),
  });
  DataTransferItem.prototype.webkitGetAsEntry = () =>
    folder('folder', [
      file('notes.txt'),
      folder('inner', [file('10.safetensors'), file('2.safetensors'), file('.hidden')]),
    ]) as unknown as FileSystemEntry;
}

function watchLongTasks(): void {
  const tasks: number[] = [];
  Object.assign(globalThis, { tasks });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });
}

function readLongestTask(): number {
  return Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks);
}
