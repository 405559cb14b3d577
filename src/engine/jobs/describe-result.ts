import type { Latent } from '../../latent/types';
import type { LoadedModel } from '../models/load-model';
import type { Stage } from '../stage';
import type { Report } from '../types';
import type { Job } from './job';
import type { Attempt } from './run-job';

export interface UpscaleModels {
  decoder: LoadedModel;
  lua: LoadedModel | undefined;
}

/** The upscaled latent of a finished job, with its history. */
export function describeLatent(job: Job, { lua }: UpscaleModels): Latent {
  const { latent, options, upscaled, height, width } = job;
  const { scale, method } = options;
  const { provenance } = latent;
  const step = lua ? `lua x${scale} (${lua.entry.id})` : `${method} x${scale}`;
  return {
    family: latent.family,
    dims: [latent.dims[0], height, width],
    // A copy at scale 1: on the host the grid is the caller's own array.
    data: scale === 1 ? latent.data.slice() : upscaled!,
    provenance:
      scale === 1
        ? provenance
        : {
            ...provenance,
            ...(provenance.picture ? { picture: job.pixels } : {}),
            history: [...provenance.history, step],
          },
  };
}

export function describeReport(
  job: Job,
  models: UpscaleModels,
  { device, precision }: Stage,
  { tiles, ms, memory }: Attempt,
  time: { prepare: number; total: number },
  notices: string[],
): Report {
  const { lua, decoder } = models;
  return {
    backend: device.backend,
    precision,
    adapter: device.adapter,
    method: job.options.method,
    scale: job.options.scale,
    models: { decoder: decoder.entry.id, ...(lua ? { lua: lua.entry.id } : {}) },
    ...job.pixels,
    tiles,
    memory,
    ms: { ...ms, ...time },
    notices,
  };
}
