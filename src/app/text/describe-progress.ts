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

/** The same with the time that is left, where it is known. */
export function describeForecast({ progress, left }: Forecast): string {
  const doing = describeProgress(progress);
  return left === undefined ? doing : `${doing}, ${describeLeft(left)}`;
}

/** 'about 12 s left'; coarse, as it is a forecast. */
function describeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 1) return 'almost done';
  if (seconds < 90) return `about ${seconds > 20 ? Math.ceil(seconds / 5) * 5 : seconds} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

/** 0..1 within the phase, or undefined where nothing is counted. */
export function progressShare(progress: Progress | undefined): number | undefined {
  if (!progress || progress.total <= 1) return undefined;
  return Math.min(progress.done / progress.total, 1);
}
