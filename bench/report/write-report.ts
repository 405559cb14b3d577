import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchReport, CaseResult, Measurement, Spread, StepResult, Workload } from '../types';

/** Latent positions to pixels. */
const STRIDE = 8;

/** @returns the paths written */
export async function writeReport(report: BenchReport, folder: string, name: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const base = join(folder, name);
  await writeFile(`${base}.json`, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(`${base}.md`, formatReport(report));
  return [`${base}.json`, `${base}.md`];
}

/** The report as Markdown. */
export function formatReport(report: BenchReport): string {
  const { machine, versions } = report;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `# ${report.backend}: ${report.adapter}`,
    '',
    `${report.date}; ${machine.processor}, ${machine.cores} cores, ${gigabytes(machine.memoryBytes)} GB, ` +
      `${machine.platform}; load before the run ${machine.load.toFixed(1)}; ${software.join(', ')}.`,
    `Networks: ${report.models}. Medians of ${report.rounds} rounds after ${report.warmups} of warm-up ` +
      `in each of ${report.passes} passes through the ways, least to greatest in brackets.`,
    ...report.measurements.flatMap((one) => ['', ...formatMeasurement(one)]),
    '',
  ].join('\n');
}

function formatMeasurement({ workload, results }: Measurement): string[] {
  const first = results.find(({ id }) => id === (workload.scale === 1 ? 'decoder' : 'lua'));
  const measure = workload.scale === 1 ? 'times ours' : 'times LUA';
  return [
    `## ${titleOf(workload)}`,
    '',
    `| way | upscale ms | decode ms | total ms | ${measure} | G multiply-adds | GB moved | GB peak |`,
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...results.map((result) => formatRow(result, first)),
    ...formatRatio(results),
  ];
}

function titleOf({ family, size, scale, precision }: Workload): string {
  const edge = size * scale * STRIDE;
  const scaled = scale === 1 ? 'decoded' : `x${scale}`;
  return `${family}, ${size}x${size} latent, ${scaled}, ${edge}x${edge} pixels, ${precision}`;
}

function formatRow(result: CaseResult, first: CaseResult | undefined): string {
  if (!result.totalMs) return row([result.label, `failed: ${result.failed}`, '', '', '', '', '', '']);
  const upscale = stepOf(result, 'upscale');
  const decode = stepOf(result, 'decode');
  const ratio = first?.totalMs ? (result.totalMs.median / first.totalMs.median).toFixed(2) : '';
  return row([
    result.label,
    milliseconds(upscale?.ms),
    milliseconds(decode?.ms),
    milliseconds(result.totalMs),
    ratio,
    knownSum(
      result.steps.map(({ multiplyAdds }) => multiplyAdds),
      1,
    ),
    knownSum(
      result.steps.map(({ bytesMoved }) => bytesMoved),
      2,
    ),
    result.peakBytes === null ? 'unknown' : gigabytes(result.peakBytes),
  ]);
}

/** The two steps that do the same work: one in latents, one in pixels. */
function formatRatio(results: CaseResult[]): string[] {
  const [latent, pixel] = (['lua', 'pixel-trunk'] as const).map((id) => {
    const result = results.find((one) => one.id === id);
    return result && stepOf(result, 'upscale')?.ms.median;
  });
  if (latent === undefined || pixel === undefined) return [];
  return ['', `The trunk on pixels takes ${(pixel / latent).toFixed(1)} times as long as on latents.`];
}

function stepOf(result: CaseResult, name: StepResult['name']): StepResult | undefined {
  return result.steps.find((step) => step.name === name);
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '/').replaceAll('\n', ' ')).join(' | ')} |`;
}

function milliseconds(spread: Spread | undefined): string {
  if (!spread) return '';
  const [median, least, greatest] = [spread.median, spread.least, spread.greatest].map((ms) =>
    ms.toFixed(ms < 10 ? 1 : 0),
  );
  return `${median} (${least} to ${greatest})`;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}

/** In units of 10^9. */
function knownSum(values: (number | null)[], digits: number): string {
  if (values.includes(null)) return 'unknown';
  return ((values as number[]).reduce((total, value) => total + value, 0) / 1e9).toFixed(digits);
}
