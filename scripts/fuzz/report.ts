/** What became of one file, answer or operation. */
export interface Outcome {
  /** In a word: `read`, the code of a LeapError, or `foreign: ...` for anything that should not be. */
  result: string;
  milliseconds: number;
  bytes: number;
}

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
  /** What should not be, and what is beyond the limits. */
  findings: Finding[];
}

/** The limits for one file. */
const MAX_MILLISECONDS = 1000;
const MAX_GROWTH_BYTES = 256 * 2 ** 20;

export function newReport(files: number): FuzzReport {
  return { files, results: new Map(), slowest: undefined, largest: undefined, findings: [] };
}

export function addOutcome(report: FuzzReport, finding: Finding): void {
  const foreign = finding.result.startsWith('foreign');
  const key = foreign ? 'foreign' : finding.result;
  report.results.set(key, (report.results.get(key) ?? 0) + 1);
  if (finding.milliseconds > (report.slowest?.milliseconds ?? 0)) report.slowest = finding;
  if (finding.bytes > (report.largest?.bytes ?? 0)) report.largest = finding;
  if (foreign || finding.milliseconds > MAX_MILLISECONDS || finding.bytes > MAX_GROWTH_BYTES)
    report.findings.push(finding);
}

/** A generator of its own for each number of a seed, so that any can be made alone. */
export const seedOf = (seed: number, number: number): number => seed * 0x9e3779b1 + number;
