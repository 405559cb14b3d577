import { defined } from '../../defined';
import type { Latent } from '../../latent/types';
import type { Report } from '../types';
import type { Workbench } from '../workbench';
import type { Job } from './job';
import type { Attempt } from './run-job';

/** The upscaled latent of a finished job, with its history. */
export function describeLatent(job: Job): Latent {
  const { latent, way, upscaled, height, width, latentScale: scale } = job;
  const { provenance } = latent;
  const { lua } = way.models;
  const steps = way.upscalers.map((step) => (lua ? `lua x${step.scale} (${lua})` : `bicubic x${step.scale}`));
  return {
    family: latent.family,
    dims: [latent.dims[0], height, width],
    // A copy at scale 1: on the host the grid is the caller's own array.
    data: scale === 1 ? latent.data.slice() : (upscaled ?? new Float32Array()),
    provenance:
      scale === 1
        ? provenance
        : {
            ...provenance,
            ...defined({ picture: provenance.picture && job.pixels }),
            history: [...provenance.history, ...steps],
          },
  };
}

export function describeReport(
  job: Job,
  { device, precision }: Workbench,
  { tiles, ms, memory }: Attempt,
  time: { prepare: number; total: number },
  notices: string[],
): Report {
  return {
    backend: device.backend,
    precision,
    adapter: device.adapter,
    method: job.options.method,
    scale: job.options.scale,
    passes: job.way.upscalers.length,
    models: job.way.models,
    ...job.pixels,
    tiles,
    memory,
    ms: { ...ms, ...time },
    notices,
  };
}
