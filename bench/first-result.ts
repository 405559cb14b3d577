import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium } from '@playwright/test';
import { type PageServer, servePage } from '../e2e/support/page-server';
import { drop, sideLabel } from '../e2e/support/page-test';
import { LIMIT_MS, type PageCase, SOFTWARE_GPU_CASE, WASM_CASE } from './cases/page-cases';
import { launchOptions } from './runners/launch-options';

/**
 * `npm run bench:first` measures what a visitor of the built page (`npm run build:page`) fetches and how long they wait.
 *
 * Prints two Markdown tables: bytes before the first decode by kind (as stored, and gzipped, which is what a
 * server that compresses sends), and seconds from the navigation to the first picture and to both pictures, on a
 * first visit (nothing stored) and on a second one (weights in IndexedDB, page and runtime from the service worker).
 */
const FOLDER = fileURLToPath(new URL('../dist/page/', import.meta.url));

const CASES = [WASM_CASE, SOFTWARE_GPU_CASE];

interface Visit {
  firstSeconds: number;
  bothSeconds: number;
  paths: string[];
}

async function visit(context: BrowserContext, server: PageServer, { query, file }: PageCase): Promise<Visit> {
  const page = await context.newPage();
  const before = server.requests.length;
  const start = performance.now();
  await page.goto(server.url + query);
  await drop(page, [file]);
  const decoded = (method: 'pixels' | 'lua') =>
    sideLabel(page, method)
      .filter({ hasText: /decode \S+ m?s/ })
      .waitFor({ timeout: LIMIT_MS });
  const sides = [decoded('pixels'), decoded('lua')];
  await Promise.race(sides);
  const firstSeconds = (performance.now() - start) / 1000;
  const paths = server.requests.slice(before);
  await Promise.all(sides);
  const bothSeconds = (performance.now() - start) / 1000;
  // The service worker fills its cache after the first result, and the second visit needs it full.
  await page.waitForLoadState('networkidle');
  await page.close();
  return { firstSeconds, bothSeconds, paths };
}

/** Which part asked for the file: app, runtime or models. */
function kindOf(path: string): 'app' | 'runtime' | 'models' {
  if (path.includes('/models/')) return 'models';
  return /ort-|ort\.|\.wasm$/.test(path) ? 'runtime' : 'app';
}

function printBytes(paths: string[]): void {
  const totals = { app: [0, 0, 0], runtime: [0, 0, 0], models: [0, 0, 0] };
  for (const path of new Set(paths)) {
    const bytes = readFileSync(FOLDER + (path.endsWith('/') ? 'index.html' : path.slice(1)));
    const total = totals[kindOf(path)];
    total[0]! += 1;
    total[1]! += bytes.length;
    total[2]! += gzipSync(bytes).length;
  }
  console.log('\n| before the first decode | files | MB | MB gzipped |\n|---|---|---|---|');
  for (const [kind, [files, raw, packed]] of Object.entries(totals)) {
    console.log(`| ${kind} | ${files} | ${(raw! / 1e6).toFixed(2)} | ${(packed! / 1e6).toFixed(2)} |`);
  }
}

const server = await servePage();
const rows: string[] = [];
let fetched: string[] = [];
for (const item of CASES) {
  const browser = await chromium.launch(launchOptions('swiftshader'));
  const viewport = { width: 1280, height: 800 };
  // The service worker begins to fill its cache right after the first picture: what it fetches is not waited for.
  if (fetched.length === 0) {
    const plain = await browser.newContext({ viewport, serviceWorkers: 'block' });
    fetched = (await visit(plain, server, item)).paths;
    await plain.close();
  }
  const context = await browser.newContext({ viewport });
  const cold = await visit(context, server, item);
  const warm = await visit(context, server, item);
  const seconds = [cold.firstSeconds, cold.bothSeconds, warm.firstSeconds, warm.bothSeconds];
  rows.push(`| ${item.name} | ${seconds.map((value) => value.toFixed(1)).join(' | ')} |`);
  await browser.close();
}
await server.close();
printBytes(fetched);
console.log(
  '\n| case | cold: first picture, s | cold: both, s | warm: first, s | warm: both, s |\n|---|---|---|---|---|',
);
console.log(rows.join('\n'));
