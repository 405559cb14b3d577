import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Locator, type Page, type Worker } from '@playwright/test';
import { defined } from '../../src/defined';
import { writeSafetensors } from '../../src/formats';
import { type PageServer, servePage } from './page-server';

interface Fixtures {
  /** The page, and its complaints: page errors and console errors, which include violations of its policy. */
  complaints: string[];
}

interface WorkerFixtures {
  server: PageServer;
}

/** Playwright's `test` with the built page on a server. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern
    async ({}, use) => {
      const server = await servePage();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await use(complaints);
    },
    { auto: true },
  ],
});

export { expect };

/** A file as the page's helpers take it. */
export interface TestFile {
  name: string;
  bytes: Uint8Array;
}

/** One of the sample latents: 32x32 positions. */
export function readSample(name: string): TestFile {
  const path = fileURLToPath(new URL(`../../public/samples/${name}`, import.meta.url));
  return { name, bytes: readFileSync(path) };
}

/** A small latent of smooth waves, so that no part of the picture is flat. [1, channels, side, side], model space. */
export function makeLatentFile(name: string, channels: number, side: number): TestFile {
  const values = new Float32Array(channels * side * side);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / (side * side));
    const y = Math.floor(i / side) % side;
    values[i] = Math.sin(0.9 * (i % side) + c) + 0.5 * Math.cos(0.7 * y * (1 + (c % 3)));
  }
  const bytes = new Uint8Array(values.buffer);
  const shape = [1, channels, side, side];
  return { name, bytes: writeSafetensors([{ name: 'latents', dtype: 'F32', shape, bytes }]) };
}

/** The usual file of these tests: a latent of SDXL, 8x8 positions. */
export const small = makeLatentFile('waves_sdxl.safetensors', 4, 8);

/** Another one, as small, with a name of its own. */
export const other = makeLatentFile('other_sdxl.safetensors', 4, 8);

/** The entries of the queue. */
export const frames = (page: Page): Locator => page.locator('leap-strip .frame');

/** Drops files on the page the way a browser does: enter, over, drop. */
export async function drop(page: Page, files: TestFile[]): Promise<void> {
  const transfer = await makeTransfer(page, files);
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer });
  }
}

/** A DataTransfer in the page with the files in it. */
export function makeTransfer(page: Page, files: TestFile[]) {
  const plain = files.map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('base64') }));
  return page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, text } of list) {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      transfer.items.add(new File([bytes], name, name.endsWith('.png') ? { type: 'image/png' } : {}));
    }
    return transfer;
  }, plain);
}

/** Where the page shows what it begins with. */
const SIDES = { pixels: 'left', lua: 'right' } as const;

/** The label over one side of the comparison. */
export function sideLabel(page: Page, method: keyof typeof SIDES): Locator {
  return page.locator(`leap-side-label[side=${SIDES[method]}]`);
}

/** One half of the stage. */
export function pane(page: Page, method: keyof typeof SIDES): Locator {
  return page.locator(`.pane[data-side=${SIDES[method]}]`);
}

/** Waits until both sides show their results. */
export async function waitForBoth(page: Page, timeout?: number): Promise<void> {
  for (const method of ['pixels', 'lua'] as const) {
    await expect(sideLabel(page, method)).toContainText(/decode \S+ (m?s|min)/, defined({ timeout }));
  }
}

/** Opens the page, which computes on wasm, drops {@link small} on it, and waits for both results. */
export async function openSmall(page: Page, server: PageServer): Promise<void> {
  await openWith(page, server, small);
}

/** The same with another file. */
export async function openWith(page: Page, server: PageServer, file: TestFile): Promise<void> {
  await page.goto(`${server.url}?backend=wasm`);
  await drop(page, [file]);
  await waitForBoth(page);
}

/** The page's workers, without the threads of the runtime. Those are workers too, but they sleep and never answer. */
export function ourWorkers(page: Page): Worker[] {
  return page.workers().filter((worker) => worker.url().includes('/worker-'));
}

/** A side's picture as RGBA bytes. */
export async function readPicture(
  page: Page,
  side: keyof typeof SIDES,
): Promise<{ width: number; height: number; rgba: Buffer }> {
  const canvas = pane(page, side).locator('canvas');
  const { text, ...size } = await canvas.evaluate((node: HTMLCanvasElement) => {
    const { width, height } = node;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(node, 0, 0);
    let text = '';
    for (const byte of context.getImageData(0, 0, width, height).data) text += String.fromCharCode(byte);
    return { width, height, text: btoa(text) };
  });
  return { ...size, rgba: Buffer.from(text, 'base64') };
}

/** Mean absolute difference of the two sides' pictures, of 255. */
export async function compareSides(page: Page): Promise<number> {
  const [a, b] = [await readPicture(page, 'pixels'), await readPicture(page, 'lua')];
  return a.rgba.reduce((sum, value, i) => sum + Math.abs(value - b.rgba[i]!), 0) / a.rgba.length;
}

/** Mean and standard deviation over the RGB values of a side's picture. */
export async function measurePicture(page: Page, side: keyof typeof SIDES) {
  const { width, height, rgba } = await readPicture(page, side);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rgba.length; i++) {
    if (i % 4 === 3) continue;
    sum += rgba[i]!;
    squares += rgba[i]! ** 2;
  }
  const count = width * height * 3;
  const mean = sum / count;
  return { width, height, mean, deviation: Math.sqrt(squares / count - mean ** 2) };
}
