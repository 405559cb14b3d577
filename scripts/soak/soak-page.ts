import { chromium, type Page } from '@playwright/test';
import { launchOptions } from '../../bench/runners/launch-options';
import { residentBytes } from '../../bench/watch/watch-memory';
import { buildLibrary, openEmbedSite } from '../../e2e/support/embed-site';
import type * as Leap from '../../src/client';

export interface PageCounts {
  /** Megabytes of the browser after every fortieth job. */
  memory: number[];
  /** What was counted, by its name: how often, and how often it came as it should. */
  rows: { what: string; count: number; right: number }[];
}

/** What the page keeps between the calls of this script. */
interface SoakPage {
  leap: typeof Leap;
  upscaler: Leap.Upscaler;
  latent: Leap.Latent;
  /** A number that stands for the pixels. */
  hash(picture: ImageBitmap): number;
  /** The hash of the right picture. */
  expected: number;
}

const SILENCE_MS = 4000;
const WISH = { scale: 2, method: 'lua' } as const;

/** Jobs, cancelled jobs, queued jobs, killed and hung workers, in Chromium with the built library on WebAssembly. */
export async function soakPage(
  jobs: number,
  cancels: number,
  queued: number,
  workers: number,
): Promise<PageCounts> {
  await buildLibrary();
  const site = await openEmbedSite();
  const server = await chromium.launchServer(launchOptions('swiftshader'));
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    const page = await browser.newPage();
    // The compiler of this script names functions by a helper that the page lacks.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.goto(site.url);
    await page.waitForFunction(() => 'leap' in window);
    await prepare(page);
    const memory: number[] = [];
    let right = 0;
    for (let done = 0; done < jobs; done += 40) {
      right += await runJobs(page, Math.min(40, jobs - done));
      memory.push(Math.round((residentBytes(server.process().pid!) ?? 0) / 1e6));
    }
    const rows = [
      { what: 'jobs one after the other', count: jobs, right },
      { what: 'cancelled jobs', count: cancels, right: await cancelJobs(page, cancels) },
      { what: 'jobs queued at once', count: queued, right: await queueJobs(page, queued) },
      { what: 'workers that hang', count: workers, right: await hangWorkers(page, workers) },
      { what: 'workers that are killed', count: workers, right: await killWorkers(page, workers) },
    ];
    return { memory, rows };
  } finally {
    await browser.close();
    await server.close();
    site.close();
  }
}

function prepare(page: Page): Promise<void> {
  return page.evaluate(
    async ({ silence, wish }) => {
      const soak = window as unknown as SoakPage;
      soak.upscaler = await soak.leap.createUpscaler({ backend: 'wasm', limits: { silence } });
      const data = Float32Array.from({ length: 4 * 12 * 12 }, (_, i) => Math.sin(i / 3));
      soak.latent = await soak.upscaler.read({ data, dims: [4, 12, 12] }, { family: 'sdxl', space: 'model' });
      soak.hash = (picture) => {
        const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!;
        context.drawImage(picture, 0, 0);
        picture.close();
        const bytes = context.getImageData(0, 0, context.canvas.width, context.canvas.height).data;
        return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
      };
      soak.expected = soak.hash((await soak.upscaler.upscale(soak.latent, wish)).image);
    },
    { silence: SILENCE_MS, wish: WISH },
  );
}

/** @returns how many gave the right picture */
function runJobs(page: Page, count: number): Promise<number> {
  return page.evaluate(
    async ({ count, wish }) => {
      const { upscaler, latent, hash, expected } = window as unknown as SoakPage;
      let right = 0;
      for (let job = 0; job < count; job++) {
        if (hash((await upscaler.upscale(latent, wish)).image) === expected) right++;
      }
      return right;
    },
    { count, wish: WISH },
  );
}

/** Each is aborted at another moment. @returns how many said `cancelled`, or were done by then and right */
function cancelJobs(page: Page, count: number): Promise<number> {
  return page.evaluate(
    async ({ count, wish }) => {
      const { upscaler, latent, hash, expected } = window as unknown as SoakPage;
      let right = 0;
      for (let job = 0; job < count; job++) {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), (job % 25) * 5);
        const end = await upscaler
          .upscale(latent, { ...wish, signal: controller.signal })
          .then(({ image }) => hash(image) === expected)
          .catch((thrown) => thrown.code === 'cancelled');
        if (end) right++;
      }
      // The upscaler goes on as if nothing had been.
      return hash((await upscaler.upscale(latent, wish)).image) === expected ? right : 0;
    },
    { count, wish: WISH },
  );
}

/** @returns how many were right, and ended in the order in which they were asked for */
function queueJobs(page: Page, count: number): Promise<number> {
  return page.evaluate(
    async ({ count, wish }) => {
      const { upscaler, latent, hash, expected } = window as unknown as SoakPage;
      let ended = 0;
      const ends = Array.from({ length: count }, async (_, job) => {
        const { image } = await upscaler.upscale(latent, wish);
        return ended++ === job && hash(image) === expected;
      });
      return (await Promise.all(ends)).filter(Boolean).length;
    },
    { count, wish: WISH },
  );
}

/** The worker is replaced, and the job comes. @returns how many were right */
async function hangWorkers(page: Page, count: number): Promise<number> {
  let right = 0;
  for (let turn = 0; turn < count; turn++) {
    // Later, so that the debugger is not in the way when the worker is ended.
    await page
      .workers()
      .at(-1)!
      .evaluate(() => {
        setTimeout(() => {
          for (;;);
        });
      });
    right += await runJobs(page, 1);
  }
  return right;
}

/** What waits is told `worker-died`, and a new upscaler works. @returns how often both came */
async function killWorkers(page: Page, count: number): Promise<number> {
  let right = 0;
  for (let turn = 0; turn < count; turn++) {
    const told = page.evaluate(async (wish) => {
      const { upscaler, latent } = window as unknown as SoakPage;
      return upscaler.upscale({ ...latent, dims: [4, 12, 12] }, { ...wish, scale: 4, passes: 1 }).then(
        () => 'done',
        (thrown) => thrown.code,
      );
    }, WISH);
    await page
      .workers()
      .at(-1)!
      .evaluate(() => self.close());
    const code = await told;
    await page.evaluate(async (silence) => {
      const soak = window as unknown as SoakPage;
      await soak.upscaler.close();
      soak.upscaler = await soak.leap.createUpscaler({ backend: 'wasm', limits: { silence } });
    }, SILENCE_MS);
    const works = await runJobs(page, 1);
    if (works === 1 && (code === 'worker-died' || code === 'done')) right++;
  }
  return right;
}
