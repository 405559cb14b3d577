import { type Browser, chromium } from '@playwright/test';
import type { Peers } from '../cases/peers';
import type { BenchOptions } from '../parse-options';
import { readVersions } from '../report/describe-machine';
import { watchMemory } from '../watch/watch-memory';
import type { PageSetup } from './browser-page';
import { openBenchSite } from './browser-site';
import { launchOptions } from './launch-options';
import type { Runner } from './runner';

/** What of it works at the same time as the networks. */
const UPSCALERJS = ['upscaler', '@tensorflow/tfjs'];

export async function openBrowserRunner(
  { backend, family, adapter, threads }: BenchOptions,
  peers: Peers,
  embedded: boolean,
): Promise<Runner> {
  const site = await openBenchSite(peers, {
    isolated: threads !== 1,
    entry: 'bench/runners/browser-page.ts',
  });
  // Launched as a server, because only a server tells the process of its browser.
  const server = await chromium.launchServer(launchOptions(adapter));
  const browser = await chromium.connect(server.wsEndpoint());
  const setup: PageSetup = {
    backend,
    family,
    embedded,
    spanScales: [...peers.span.keys()],
    taesd: peers.taesd !== undefined,
    upscalerjs: peers.upscalerjs !== undefined,
  };
  const first = await openPage(browser, site.url, setup);
  return {
    ...first.opened,
    versions: {
      chromium: browser.version(),
      ...readVersions(['onnxruntime-web']),
      ...(peers.upscalerjs === undefined ? {} : readVersions(UPSCALERJS, peers.upscalerjs)),
    },
    caseIds: (work) => first.page.evaluate((options) => window.bench.caseIds(options), work),
    async measure(work, id, rounds) {
      const { page } = await openPage(browser, site.url, setup);
      const endMemory = watchMemory(server.process().pid!);
      const result = await page.evaluate(([w, i, r]) => window.bench.measure(w, i, r), [
        work,
        id,
        rounds,
      ] as const);
      const peakBytes = endMemory();
      await page.context().close();
      return { ...result, peakBytes };
    },
    close: async () => {
      await browser.close();
      await server.close();
      site.close();
    },
  };
}

/** A page in a context of its own, which gives it a process of its own. */
async function openPage(browser: Browser, url: string, setup: PageSetup) {
  const page = await (await browser.newContext()).newPage();
  page.on('console', (message) => console.error(`  page: ${message.text()}`));
  await page.goto(url);
  await page.waitForFunction(() => window.bench);
  const opened = await page.evaluate((options) => window.bench.open(options), setup);
  return { page, opened };
}
