import { readdirSync, readFileSync } from 'node:fs';
import { checkFile, type Outcome } from './check-file';
import { grow } from './grow';
import { mutate } from './mutate';
import { Random } from './random';
import { rebuild } from './rebuild';

const ROOT = new URL('../../', import.meta.url);
const FOLDERS = ['src/formats/__fixtures__/', 'src/latent/__fixtures__/', 'public/samples/'];
/** Larger files are left out: they have the same structure, and small files are mutated more thoroughly. */
const MAX_BYTES = 70_000;
/** One file in so many is grown from nothing. */
const GROWN_SHARE = 16;
/** The limits for one file. */
export const MAX_MILLISECONDS = 1000;
export const MAX_GROWTH_BYTES = 256 * 2 ** 20;

export interface Finding extends Outcome {
  /** To repeat it, run with `--seed` and `--only` this number. */
  number: number;
  source: string;
}

export interface FuzzReport {
  files: number;
  results: Map<string, number>;
  slowest: Finding | undefined;
  largest: Finding | undefined;
  /** Errors of other types, and files beyond the limits. */
  findings: Finding[];
}

/** Every committed file that a reader takes, all containers. */
export function loadCorpus(): { name: string; bytes: Uint8Array }[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(json|png|webp)$/.test(entry.name))
      .map(({ name }) => ({ name, bytes: new Uint8Array(readFileSync(new URL(folder + name, ROOT))) })),
  );
  return files.filter(({ bytes }) => bytes.length <= MAX_BYTES);
}

/** File `number` of a seed. Each has a generator of its own, so that any of them can be made alone. */
export function makeFile(
  corpus: ReturnType<typeof loadCorpus>,
  seed: number,
  number: number,
): { source: string; bytes: Uint8Array } {
  const random = new Random(seed * 0x9e3779b1 + number);
  if (random.below(GROWN_SHARE) === 0) return grow(random);
  const [base, other] = [random.pick(corpus), random.pick(corpus)];
  const change = random.below(2) === 0 ? mutate : rebuild;
  return { source: base.name, bytes: change(base.bytes, other.bytes, random) };
}

/** Checks files `from` to `from + count` of a seed. */
export function runFuzz(seed: number, count: number, from = 0): FuzzReport {
  const corpus = loadCorpus();
  const report: FuzzReport = {
    files: count,
    results: new Map(),
    slowest: undefined,
    largest: undefined,
    findings: [],
  };
  for (let number = from; number < from + count; number++) {
    const { source, bytes } = makeFile(corpus, seed, number);
    const finding: Finding = { number, source, ...checkFile(bytes) };
    const foreign = finding.result.startsWith('foreign');
    const key = foreign ? 'foreign' : finding.result;
    report.results.set(key, (report.results.get(key) ?? 0) + 1);
    if (finding.milliseconds > (report.slowest?.milliseconds ?? 0)) report.slowest = finding;
    if (finding.bytes > (report.largest?.bytes ?? 0)) report.largest = finding;
    if (foreign || finding.milliseconds > MAX_MILLISECONDS || finding.bytes > MAX_GROWTH_BYTES) {
      report.findings.push(finding);
    }
  }
  return report;
}
