import { existsSync } from 'node:fs';
import { openBrowserRunner } from './browser-runner';
import { describeMachine } from './describe-machine';
import { findSpan } from './find-span';
import { openNodeRunner } from './node-runner';
import { type BenchOptions, parseOptions, USAGE } from './parse-options';
import type { Runner } from './runner';
import type { BenchReport, CaseResult, Measurement, Workload } from './types';
import { writeReport } from './write-report';

/**
 * `npm run bench`: the same large picture in several ways, in one run and one runtime. The networks are the
 * embedded ones; before there are any, networks of the same build with random weights.
 */
async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const span = await findSpan(options.span, options.scales);
  const missing = options.scales.filter((scale) => !span.has(scale));
  if (missing.length) console.log(`SPAN is skipped at x${missing.join(', x')}: give its ONNX with --span.`);
  const embedded = existsSync(new URL('../public/models/catalog.json', import.meta.url));
  const open = options.node ? openNodeRunner : openBrowserRunner;
  const runner = await open(options, span, embedded);
  console.log(`${options.backend}: ${runner.adapter}; ${runner.models}`);
  const measurements: Measurement[] = [];
  for (const size of options.sizes) {
    for (const scale of options.scales) {
      const { family, precision } = options;
      measurements.push(await measureAll(runner, { family, size, scale, precision }, options));
    }
  }
  await runner.close();
  const report: BenchReport = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    backend: options.backend,
    adapter: runner.adapter,
    versions: runner.versions,
    models: runner.models,
    rounds: options.rounds,
    warmups: options.warmups,
    measurements,
  };
  const name = `${options.node ? 'node' : 'chromium'}-${options.backend}-${options.precision}`;
  console.log(`Written: ${(await writeReport(report, options.out, name)).join(', ')}`);
}

async function measureAll(
  runner: Runner,
  workload: Workload,
  { rounds, warmups }: BenchOptions,
): Promise<Measurement> {
  const results: CaseResult[] = [];
  for (const id of await runner.caseIds(workload)) {
    const result = await runner.measure(workload, id, { rounds, warmups });
    const outcome = result.totalMs ? `${result.totalMs.median.toFixed(0)} ms` : result.failed;
    console.log(`${workload.size}x${workload.size} x${workload.scale}: ${result.label}: ${outcome}`);
    results.push(result);
  }
  return { workload, results };
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
