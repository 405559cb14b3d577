import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import { launchOptions } from '../../../bench/runners/launch-options';
import { addOutcome, type FuzzReport, newReport } from '../report';
import { loadPictures, makePicture } from './fuzz-pictures';

/** Pictures that are sent to the page at once. */
const BATCH = 50;

/** Decodes mutated pictures as the worker does, in Chromium: their bodies meet the browser's decoders there. */
export async function decodeInBrowser(seed: number, count: number, from = 0): Promise<FuzzReport> {
  const browser = await chromium.launch(launchOptions('swiftshader'));
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundleDecoder() });
    const report = newReport(count);
    const corpus = loadPictures();
    for (let first = from; first < from + count; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, from + count - first) }, (_, i) => first + i);
      const made = numbers.map((number) => makePicture(corpus, seed, number));
      const results = await decodeAll(
        page,
        made.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
      );
      results.forEach((result, i) => {
        addOutcome(report, {
          number: numbers[i]!,
          source: made[i]!.source,
          result,
          milliseconds: 0,
          bytes: 0,
        });
      });
    }
    return report;
  } finally {
    await browser.close();
  }
}

/** `decodePicture` as a script that puts it into the global `decoder`. */
async function bundleDecoder(): Promise<string> {
  const entry = fileURLToPath(new URL('../../../src/worker/input/decode-picture.ts', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, name: 'decoder', formats: ['iife'] } },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (!bundle || !('output' in bundle)) throw new Error('The decoder was not built.');
  return bundle.output[0].code;
}

/** What became of each: its size, a code, or anything that should not be. */
function decodeAll(page: Page, files: readonly string[]): Promise<string[]> {
  return page.evaluate(async (texts) => {
    const { decoder } = globalThis as unknown as { decoder: Decoder };
    const results: string[] = [];
    for (const text of texts) {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      results.push(
        await decoder.decodePicture(new Blob([bytes])).then(
          ({ width, height, rgba }) =>
            rgba.length === width * height * 4 ? 'decoded' : `foreign: ${rgba.length} bytes`,
          (thrown: { code?: string; message?: string }) =>
            thrown.code && thrown.code !== 'internal' ? thrown.code : `foreign: ${thrown.message}`,
        ),
      );
    }
    return results;
  }, files);
}

interface Decoder {
  decodePicture(file: Blob): Promise<{ width: number; height: number; rgba: Uint8ClampedArray }>;
}
