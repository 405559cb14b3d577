import type { Phase, Progress } from '../../client';
import type { Forecast } from '../state/run/forecast';
import { formatBytes } from './format';

const DOING: Record<Phase, string> = {
  download: 'Fetching the model',
  prepare: 'Getting the device ready',
  check: 'Checking the device',
  encode: 'Encoding',
  upscale: 'Upscaling',
  decode: 'Decoding',
  enlarge: 'Enlarging the picture',
  finish: 'Finishing',
};

/** A progress report in words, with bytes for a download and tiles where there is more than one. */
export function describeProgress(progress: Progress | undefined): string {
  if (!progress) return 'Starting';
  const { phase, done, total } = progress;
  if (phase === 'download') return `${DOING.download}, ${describeBytes(done, total)}`;
  const tiled = phase === 'upscale' || phase === 'decode' || phase === 'encode' || phase === 'enlarge';
  if (tiled && total > 1) return `${DOING[phase]}, ${done} of ${total} tiles`;
  return DOING[phase];
}

/** '1.2 MB of 4.6 MB', or '1.2 MB' as long as no server has said how much there is. */
export function describeBytes(done: number, total: number): string {
  return total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
}

/** Milliseconds of a phase after which it is said how many there were, where nobody knows how many are to come. */
const LONG = 10_000;

/** The same with the time that is left, where it is known; else with the time that it has taken, once that is long. */
export function describeForecast({ progress, left, late, since = 0 }: Forecast): string {
  const doing = describeProgress(progress);
  if (left !== undefined) return `${doing}, ${describeLeft(left)}`;
  const soFar = since >= LONG ? `, ${coarseTime(since, Math.floor)} so far` : '';
  return `${doing}${soFar}${late ? ', longer than expected' : ''}`;
}

/** 'about 12 s left'; coarse, as it is a forecast. */
function describeLeft(ms: number): string {
  return Math.ceil(ms / 1000) <= 1 ? 'almost done' : `about ${coarseTime(ms, Math.ceil)} left`;
}

/** Seconds; beyond twenty in steps of five, and from a minute and a half on minutes. */
function coarseTime(ms: number, round: (value: number) => number): string {
  const seconds = round(ms / 1000);
  if (seconds < 90) return `${seconds > 20 ? round(seconds / 5) * 5 : seconds} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** 0..1 within the phase, or undefined where nothing is counted. */
export function progressShare(progress: Progress | undefined): number | undefined {
  if (!progress || progress.total <= 1) return undefined;
  return Math.min(progress.done / progress.total, 1);
}
