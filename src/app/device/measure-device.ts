import { LeapError, type Method, type Report } from '../../client';
import type { UpscalerHost } from '../state/upscaler-host';

/** A latent of 32 x 32 positions: enough work to time, done in seconds without a GPU. */
const EDGE = 32;
const CHANNELS = 4;

/** What one method took. */
export interface Timing {
  method: Method;
  report: Report;
}

/**
 * Runs what the page begins with, on both sides, on a made-up latent, each once to warm up and once to be timed.
 * @param onStep is told what is being timed
 * @throws LeapError of the upscaler
 */
export async function measureDevice(
  host: UpscalerHost,
  signal: AbortSignal,
  onStep: (method: Method) => void,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (const method of ['pixels', 'lua'] as const) {
    onStep(method);
    const report = await host.use(async (upscaler) => {
      const dims = [1, CHANNELS, EDGE, EDGE];
      const latent = await upscaler.read(
        { data: makeWaves(), dims },
        { family: 'sdxl', space: 'model', layout: 'unpacked' },
      );
      let last: Report | undefined;
      for (let run = 0; run < 2; run++) {
        const result = await upscaler.upscale(latent, { method, scale: 2, signal });
        result.image.close();
        last = result.report;
      }
      if (!last) throw new LeapError('internal', 'Nothing was measured.');
      return last;
    });
    timings.push({ method, report });
  }
  return timings;
}

/** Smooth, so that no part of the picture is flat, which would be taken for a failure. */
function makeWaves(): Float32Array {
  return Float32Array.from({ length: CHANNELS * EDGE * EDGE }, (_, i) => {
    const [x, y] = [i % EDGE, Math.floor(i / EDGE) % EDGE];
    return Math.sin(0.4 * x + Math.floor(i / EDGE ** 2)) + 0.5 * Math.cos(0.3 * y);
  });
}
