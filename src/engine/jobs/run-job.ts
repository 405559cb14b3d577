import type { Grid } from '../device/runtime';
import type { MemoryReport, StepCounts } from '../types';
import type { Workbench } from '../workbench';
import { decodeLatent } from './decode-latent';
import { enlargePicture } from './enlarge-picture';
import type { Job } from './job';
import { planMemory } from './plan-memory';
import { upscaleLatent } from './upscale-latent';

/** What one attempt took. Milliseconds include neither downloads nor making sessions. */
export interface Attempt {
  tiles: StepCounts;
  ms: StepCounts;
  memory: MemoryReport;
}

/**
 * Upscales, decodes and enlarges on one workbench, each where the way asks for it. The upscaled latent goes from the one to
 * the other without leaving the device; its copy for the caller is read back while the decoder works.
 */
export async function runJob(workbench: Workbench, job: Job): Promise<Attempt> {
  job.refuseOversizedPicture(workbench.device);
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
    await job.options.finishPicture?.();
    const tiles = { upscale: upscaleTiles, decode: decodeTiles, enlarge: enlargeTiles };
    const ms = { upscale, decode, enlarge: clock() };
    return { tiles, ms, memory: plan.report };
  } finally {
    await reading.catch(() => {});
    workbench.device.grids.free(grid);
  }
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
