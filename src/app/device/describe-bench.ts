import { METHOD_LABELS } from '../../element/latent/method-labels';
import { describeDevice } from '../text/describe-device';
import { formatBytes, formatMs, formatSize } from '../text/format';
import type { Timing } from './measure-device';

/** What the browser says about the machine; undefined where it does not. */
export interface Machine {
  browser: string;
  cores: number | undefined;
  /** Rounded by the browser, and 8 at most. */
  memoryGb: number | undefined;
  /** Whether WebAssembly may use threads here. */
  isolated: boolean;
  storage: StorageEstimate | undefined;
}

/** Everything that a bug report needs, as plain lines. */
export function describeBench(timings: readonly Timing[], machine: Machine): string[] {
  const { browser, cores, memoryGb, isolated, storage } = machine;
  const first = timings[0]?.report;
  const [largest] = timings
    .map(({ report }) => report.memory)
    .toSorted((a, b) => b.plannedBytes - a.plannedBytes);
  return [
    first && `Computes on ${describeDevice(first)}.`,
    ...timings.map(describeTiming),
    largest && describeMemory(largest),
    `Machine: ${[cores && `${cores} cores`, memoryGb && `at least ${memoryGb} GB`].filter(Boolean).join(', ') || 'not told'}; ${isolated ? 'threads allowed' : 'no threads, as the page is not isolated'}.`,
    storage?.usage !== undefined &&
      storage.quota !== undefined &&
      `Storage: ${formatBytes(storage.usage)} used of ${formatBytes(storage.quota)}.`,
    `Browser: ${browser}`,
    ...new Set(timings.flatMap(({ report }) => report.notices)),
  ].filter((line) => typeof line === 'string');
}

function describeTiming({ method, report }: Timing): string {
  const { ms, width, height } = report;
  const rate = (width * height) / 1e6 / (ms.total / 1000);
  const size = formatSize(width, height);
  return (
    `${METHOD_LABELS[method]} to ${size} px: ${formatMs(ms.total)}, ${rate.toPrecision(2)} megapixels a second ` +
    `(enlarging ${formatMs(ms.upscale + ms.enlarge)}, decoding ${formatMs(ms.decode)}).`
  );
}

function describeMemory({ plannedBytes, budgetBytes, tensorLimitBytes }: Timing['report']['memory']): string {
  return `Memory: ${formatBytes(plannedBytes)} planned of ${formatBytes(budgetBytes)}, at most ${formatBytes(tensorLimitBytes)} in one piece.`;
}
