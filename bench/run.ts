import { existsSync } from 'node:fs';
import { findPeers } from './cases/peers';
import { type BenchOptions, parseOptions, USAGE } from './parse-options';
import { describeMachine } from './report/describe-machine';
import { poolPasses } from './report/pool-passes';
import { writeReport } from './report/write-report';
import { openBrowserRunner } from './runners/browser-runner';
import { openNodeRunner } from './runners/node-runner';
import { withPyTorch } from './runners/pytorch-runner';
import type { Runner } from './runners/runner';
import type { BenchReport, CaseId, CaseResult, Measurement, Workload } from './types';

/**
 * `npm run bench` makes the same large picture in several ways, in one run and one runtime. The networks are the
 * embedded ones. Where there are none, they have the same shape and random weights.
 */
async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const peers = await findPeers(options);
  const embedded = existsSync(new URL('../public/models/catalog.json', import.meta.url));
  const open = options.node ? openNodeRunner : openBrowserRunner;
  const plain = await open(options, peers, embedded);
  let runner = plain;
  const measurements: Measurement[] = [];
  try {
    runner = await withPyTorch(plain, options);
    console.log(`${options.backend}: ${runner.adapter}; ${runner.models}`);
    for (const size of options.sizes) {
      for (const scale of options.scales) {
        const { family, precision } = options;
        measurements.push(await measureAll(runner, { family, size, scale, precision }, options));
      }
    }
  } finally {
    await plain.close();
  }
  const { backend, rounds, warmups, passes } = options;
  const report: BenchReport = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    backend,
    adapter: runner.adapter,
    versions: runner.versions,
    models: runner.models,
    rounds,
    warmups,
    passes,
    measurements,
  };
  console.log(`Written: ${(await writeReport(report, options.out, nameOf(options))).join(', ')}`);
}

/** Runs pass after pass, so that other load on the machine hits all cases alike. */
async function measureAll(
  runner: Runner,
  workload: Workload,
  { rounds, warmups, passes, cases }: BenchOptions,
): Promise<Measurement> {
  const ids = (await runner.caseIds(workload)).filter((id) => cases?.includes(id) ?? true);
  const results = new Map<CaseId, CaseResult[]>(ids.map((id) => [id, []]));
  for (let pass = 0; pass < passes; pass++) {
    for (const [id, done] of results) {
      const result = await runner.measure(workload, id, { rounds, warmups });
      const outcome = result.totalMs ? `${result.totalMs.median.toFixed(0)} ms` : result.failed;
      console.log(`${workload.size}x${workload.size} x${workload.scale}: ${result.label}: ${outcome}`);
      done.push(result);
    }
  }
  return { workload, results: [...results.values()].map(poolPasses) };
}

function nameOf({ node, backend, precision, threads, decoders }: BenchOptions): string {
  const parts = [node ? 'node' : 'chromium', backend, precision];
  if (threads !== undefined) parts.push(`${threads}-threads`);
  if (decoders !== undefined) parts.push('decoders');
  return parts.join('-');
}

if (process.argv.includes('--help')) console.log(USAGE);
else {
  try {
    await run(parseOptions(process.argv.slice(2)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
