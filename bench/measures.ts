import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { describeMachine, readVersions } from './report/describe-machine';
import { spreadOf } from './report/spread';
import { openBenchSite } from './runners/browser-site';
import { launchOptions } from './runners/launch-options';

/**
 * `npm run bench:measures [-- --rounds N --adapter default|swiftshader]` prints what each measure of the engine gains
 * in Chromium. Runs without and with it take turns in one page. Medians in milliseconds, least to greatest in brackets.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    adapter: { type: 'string', default: 'swiftshader' },
    only: { type: 'string', default: '' },
  },
});
const adapter = values.adapter === 'default' ? 'default' : 'swiftshader';
const site = await openBenchSite(
  { span: new Map(), taesd: undefined, upscalerjs: undefined },
  { isolated: true, entry: 'bench/runners/measures-page.ts' },
);
const browser = await chromium.launch(launchOptions(adapter));
try {
  const { processor, cores, load } = describeMachine();
  const versions = readVersions(['onnxruntime-web'])['onnxruntime-web'];
  console.log(`${processor}, ${cores} cores, load ${load.toFixed(1)}; Chromium ${browser.version()}, WebGPU`);
  console.log(
    `adapter ${adapter}; onnxruntime-web ${versions}; ${values.rounds} rounds after one of warm-up\n`,
  );
  console.log('| measure | without, ms | with, ms | without / with |\n|---|--:|--:|--:|');
  for (const name of await withPage((page) => page.evaluate(() => window.measures.names))) {
    if (!name.includes(values.only)) continue;
    const { before, after } = await withPage((page) =>
      page.evaluate(([which, rounds]) => window.measures.time(which, rounds), [
        name,
        Number(values.rounds),
      ] as const),
    );
    const ratio = spreadOf(before).median / spreadOf(after).median;
    console.log(`| ${name} | ${format(before)} | ${format(after)} | ${ratio.toFixed(2)} |`);
  }
} finally {
  await browser.close();
  site.close();
}

/** Each measure has a page of its own, so that nothing is warm from the one before. */
async function withPage<Result>(
  work: (page: Awaited<ReturnType<typeof browser.newPage>>) => Promise<Result>,
): Promise<Result> {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(`  page: ${message.text()}`));
  page.on('pageerror', (error) => console.error(`  page: ${error.message}`));
  await page.goto(site.url);
  await page.waitForFunction(() => window.measures);
  try {
    return await work(page);
  } finally {
    await page.close();
  }
}

function format(times: number[]): string {
  const { median, least, greatest } = spreadOf(times);
  const [m, l, g] = [median, least, greatest].map((ms) => ms.toFixed(ms < 100 ? 1 : 0));
  return `${m} (${l} to ${g})`;
}
