import { type Browser, chromium } from '@playwright/test';
import { findChromium } from '../scripts/page/find-chromium';
import type { PageSetup } from './browser-page';
import { openBenchSite } from './browser-site';
import { readVersions } from './describe-machine';
import type { BenchOptions } from './parse-options';
import type { Peers } from './peers';
import type { Runner } from './runner';
import { watchMemory } from './watch-memory';

const QUIET = [
  // A software adapter may take long over one kernel.
  '--disable-gpu-watchdog',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** On Linux Chromium reaches the GPU through Vulkan, and only when asked. */
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];
const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

export async function openBrowserRunner(
  { backend, family, adapter, threads }: BenchOptions,
  peers: Peers,
  embedded: boolean,
): Promise<Runner> {
  const site = await openBenchSite(peers, threads !== 1);
  // A server, because only that tells the browser's process.
  const server = await chromium.launchServer({
    executablePath: findChromium(),
    args: ['--headless=new', '--no-sandbox', ...QUIET, ...(adapter === 'swiftshader' ? SOFTWARE : HARDWARE)],
  });
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
    versions: { chromium: browser.version(), ...readVersions(['onnxruntime-web']) },
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
