/**
 * Sends mutated files through every reader, or attacks what fetches and keeps models.
 *
 *     npm run fuzz -- [--kind files|pictures|bodies|answers|models] [--count 200000] [--seed 1] [--only NUMBER]
 *
 * `files`: latents and checkpoints. `pictures`: what is read of a picture before it is decoded.
 * `bodies`: the same pictures, decoded in Chromium. `answers`: a hub and a
 * catalogue that answer wrongly. `models`: operations of the model manager, while network and store fail.
 *
 * Exits with 1 when something throws anything but a LeapError, gives wrong bytes, takes over a second, or grows the
 * memory by over 256 MB.
 */
import { parseArgs } from 'node:util';
import { attackModels } from './hub/attack-models';
import { fuzzAnswers } from './hub/fuzz-answers';
import { decodeInBrowser } from './pictures/decode-in-browser';
import { fuzzPictures } from './pictures/fuzz-pictures';
import type { FuzzReport } from './report';
import { runFuzz } from './run-fuzz';

/** Checks `count` of a seed, from number `from` on. */
type Run = (seed: number, count: number, from?: number) => FuzzReport | Promise<FuzzReport>;

const RUNS: Readonly<Record<string, Run>> = {
  files: runFuzz,
  pictures: fuzzPictures,
  bodies: decodeInBrowser,
  answers: fuzzAnswers,
  models: attackModels,
};

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'files' },
    count: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const { kind, only } = values;
const run = RUNS[kind];
if (!run) throw new Error(`There is no kind ${kind}. There are ${Object.keys(RUNS).join(', ')}.`);
const seed = Number(values.seed);
const start = performance.now();
const report = await (only === undefined ? run(seed, Number(values.count)) : run(seed, 1, Number(only)));
const seconds = (performance.now() - start) / 1000;
console.log(`${report.files} ${kind} in ${seconds.toFixed(1)} s, seed ${seed}`);
for (const [result, count] of [...report.results].toSorted((a, b) => b[1] - a[1]))
  console.log(`  ${result}: ${count}`);
const { slowest, largest } = report;
if (slowest)
  console.log(
    `  slowest: ${slowest.milliseconds.toFixed(0)} ms (number ${slowest.number}, ${slowest.source})`,
  );
if (largest) {
  const megabytes = (largest.bytes / 2 ** 20).toFixed(0);
  console.log(`  most memory: ${megabytes} MB (number ${largest.number}, ${largest.source})`);
}
console.log(`  resident at most: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
for (const finding of report.findings.slice(0, 20)) console.log(finding);
process.exitCode = report.findings.length > 0 ? 1 : 0;
