import type { Grid } from '../device/runtime';
import type { MemoryReport, StepCounts } from '../types';
import type { Workbench } from '../workbench';
import { decodeLatent } from './decode-latent';
import { enlargePicture } from './enlarge-picture';
import type { Job } from './job';
import { type MemoryPlan, planMemory } from './plan-memory';
import { upscaleLatent } from './upscale-latent';

/** What one attempt took. Milliseconds include neither downloads nor making sessions. */
export interface Attempt {
  tiles: StepCounts;
  ms: StepCounts;
  memory: MemoryReport;
  /** What the plan gave up. */
  notices: string[];
}

/**
 * Upscales, decodes and enlarges on one workbench, each where the way asks for it. The upscaled latent goes from the one to
 * the other without leaving the device; its copy for the caller is read back while the decoder works.
 */
export async function runJob(workbench: Workbench, job: Job): Promise<Attempt> {
  const plan = planMemory(workbench, job);
  const clock = phaseClock(workbench);
  const { grid, tiles: upscaleTiles } = await upscaleLatent(workbench, job, plan.upscale);
  const upscale = clock();
  // Taken as it comes: should the device be lost while it decodes, the upscaled latent is safe.
  const reading = job.options.keepLatent === false ? Promise.resolve() : keepLatent(workbench, job, grid);
  try {
    reading.catch(() => {});
    const decodeTiles = await decodeLatent(workbench, job, grid, plan.decode);
    await reading;
    workbench.device.checkHealth();
    const decode = clock();
    const enlargeTiles = await enlargePicture(workbench, job, plan.enlarge);
    await job.checkPicture();
    const tiles = { upscale: upscaleTiles, decode: decodeTiles, enlarge: enlargeTiles };
    const ms = { upscale, decode, enlarge: clock() };
    return { tiles, ms, memory: plan.report, notices: noticesOf(job, plan) };
  } finally {
    await reading.catch(() => {});
    workbench.device.grids.free(grid);
  }
}

/** Only an upscaler's first part may be tiled where tiles are not exact. */
function noticesOf({ way }: Job, { upscale }: MemoryPlan): string[] {
  return upscale.flatMap(({ before }) => {
    if (!before || before.halo === 0) return [];
    return [
      `The first part of ${way.models.lua} did not fit in one piece. It ran in tiles of ${before.tile} x ${before.tile} ` +
        'positions, so the values beside their borders are approximate.',
    ];
  });
}

async function keepLatent({ device }: Workbench, job: Job, grid: Grid): Promise<void> {
  const data = await device.grids.toArray(grid);
  device.checkHealth();
  job.upscaled = data;
}

/** Each call gives the milliseconds since the last one, less those spent on making sessions. */
function phaseClock({ sessions }: Workbench): () => number {
  let last = performance.now() - sessions.msPreparing;
  return () => {
    const before = last;
    last = performance.now() - sessions.msPreparing;
    return last - before;
  };
}
