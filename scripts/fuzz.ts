/**
 * Sends mutated files through every reader.
 *
 *     npm run fuzz -- [--count 200000] [--seed 1] [--only NUMBER]
 *
 * Exits with 1 when a file throws anything but a LeapError, takes over a second, or grows the memory by over 256 MB.
 */
import { parseArgs } from 'node:util';
import { checkFile } from './fuzz/check-file';
import { loadCorpus, makeFile, runFuzz } from './fuzz/run-fuzz';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);

if (values.only !== undefined) {
  const { source, bytes } = makeFile(loadCorpus(), seed, Number(values.only));
  console.log(source, bytes.length, 'bytes:', checkFile(bytes));
} else {
  const start = performance.now();
  const report = runFuzz(seed, Number(values.count));
  const seconds = (performance.now() - start) / 1000;
  console.log(`${report.files} files in ${seconds.toFixed(1)} s, seed ${seed}`);
  for (const [result, count] of [...report.results].toSorted((a, b) => b[1] - a[1]))
    console.log(`  ${result}: ${count}`);
  const { slowest, largest } = report;
  console.log(
    `  slowest: ${slowest?.milliseconds.toFixed(0)} ms (number ${slowest?.number}, ${slowest?.source})`,
  );
  const mebibytes = (largest?.bytes ?? 0) / 2 ** 20;
  console.log(`  most memory: ${mebibytes.toFixed(0)} MB (number ${largest?.number}, ${largest?.source})`);
  console.log(`  resident at most: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
  for (const finding of report.findings.slice(0, 20)) console.log(finding);
  process.exitCode = report.findings.length > 0 ? 1 : 0;
}
