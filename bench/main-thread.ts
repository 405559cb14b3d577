import { type BrowserContext, chromium } from '@playwright/test';
import { type PageServer, servePage } from '../e2e/support/page-server';
import { drop, makeLatentFile, sideLabel } from '../e2e/support/page-test';
import { LIMIT_MS, type PageCase, SOFTWARE_GPU_CASE, WASM_CASE } from './cases/page-cases';
import { spreadOf } from './report/spread';
import { launchOptions } from './runners/launch-options';
import { readTasks, type Task } from './watch/read-trace';
import { startWatch, takeWatch, type Watched } from './watch/watch-page';

/**
 * `npm run bench:main-thread [-- ROUNDS [CASE]]`: how long the page's main thread is busy at a time, on the built page.
 *
 * For every round and phase: the longest task and the number of tasks over 50 ms as the page itself sees them
 * (PerformanceObserver 'longtask'), the longest gap between two frames, and, from the browser's trace, the longest
 * task on the clock and by the processor time it took. A machine whose cores are all taken stretches every task:
 * the last column says by how much (clock over processor time, of all tasks over 1 ms), and the processor time is
 * what the page can answer for. Tasks by which the test tool talks to the page are left out of the trace's columns.
 */
const ROUNDS = Number(process.argv[2] ?? 3);

/** Part of the names of the cases that are run; all of them without it. */
const ONLY = process.argv[3] ?? '';

/** Time for what a result still sets off: its frame, the freeing of what it replaced. */
const SETTLE_MS = 400;

const CASES: PageCase[] = [
  WASM_CASE,
  {
    name: 'wasm, SDXL 40x40 x4',
    query: '?backend=wasm&scale=4',
    file: makeLatentFile('waves_sdxl.safetensors', 4, 40),
  },
  SOFTWARE_GPU_CASE,
];

/** In this order; each begins where the one before ends. */
const PHASES = ['first load', 'run', 'second load'] as const;

interface Round {
  watched: Watched;
  tasks: Task[];
}

type Rounds = Record<(typeof PHASES)[number], Round[]>;

async function measure(
  context: BrowserContext,
  server: PageServer,
  item: PageCase,
  into: Rounds,
): Promise<void> {
  const page = await context.newPage();
  await startWatch(page);
  const phase = async (name: keyof Rounds, work: () => Promise<void>) => {
    const browser = context.browser()!;
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
    await work();
    await page.waitForTimeout(SETTLE_MS);
    const trace = await browser.stopTracing();
    into[name].push({ watched: await takeWatch(page), tasks: readTasks(trace, server.url) });
  };
  const load = async () => {
    await page.goto(server.url + item.query);
    await page.locator('leap-welcome .sample').first().waitFor();
  };
  await phase('first load', load);
  await phase('run', async () => {
    await drop(page, [item.file]);
    for (const method of ['pixels', 'lua'] as const) {
      await sideLabel(page, method)
        .filter({ hasText: /decode \S+ m?s/ })
        .waitFor({ timeout: LIMIT_MS });
    }
  });
  await phase('second load', load);
  await page.close();
}

/** The median over the rounds, and the worst of them. */
function show(values: readonly number[]): string {
  const { median, greatest } = spreadOf(values);
  return `${median.toFixed(0)} (${greatest.toFixed(0)})`;
}

function toRow(name: string, rounds: readonly Round[]): string {
  const watched = rounds.map((round) => round.watched);
  const longest = (pick: (task: Task) => number) =>
    show(rounds.map(({ tasks }) => Math.max(0, ...tasks.map(pick))));
  const over = (pick: (task: Task) => number) =>
    show(rounds.map(({ tasks }) => tasks.filter((task) => pick(task) > 50).length));
  const stretch = rounds.map(({ tasks }) => {
    const some = tasks.filter(({ wallMs }) => wallMs > 1);
    return sum(some.map(({ wallMs }) => wallMs)) / Math.max(sum(some.map(({ cpuMs }) => cpuMs)), 1);
  });
  return `| ${[
    name,
    show(watched.map(({ longTasks }) => longTasks.length)),
    show(watched.map(({ longTasks }) => Math.max(0, ...longTasks))),
    show(watched.map(({ longestGap }) => longestGap)),
    longest(({ wallMs }) => wallMs),
    over(({ cpuMs }) => cpuMs),
    longest(({ cpuMs }) => cpuMs),
    spreadOf(stretch).median.toFixed(1),
  ].join(' | ')} |`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const server = await servePage();
const rows: string[] = [];
for (const item of CASES.filter(({ name }) => name.includes(ONLY))) {
  const rounds: Rounds = { 'first load': [], run: [], 'second load': [] };
  for (let round = 0; round < ROUNDS; round++) {
    const browser = await chromium.launch(launchOptions('swiftshader'));
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await measure(context, server, item, rounds);
    await browser.close();
  }
  for (const phase of PHASES) rows.push(toRow(`${item.name}: ${phase}`, rounds[phase]));
}
await server.close();
console.log(`Milliseconds, median (worst) of ${ROUNDS} rounds.\n`);
console.log(
  '| case | long tasks seen | longest seen | longest frame gap | longest task | over 50 of processor time | longest by processor time | stretch |',
);
console.log('|---|---|---|---|---|---|---|---|');
console.log(rows.join('\n'));
