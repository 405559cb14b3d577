import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { Network } from '../network';
import type { SplitPlan } from '../split/plan-split';
import { chooseRule, type TileLimits } from '../tiles/choose-rule';
import type { TilingRule } from '../tiles/plan-tiles';
import type { MemoryReport, SplitReport } from '../types';
import type { Workbench } from '../workbench';
import type { Job } from './job';
import { mebibytes, type NetworkPlan, planNetwork, runBytes } from './plan-network';

export interface MemoryPlan {
  /** One for each upscaler of the way. */
  upscale: NetworkPlan[];
  decode: NetworkPlan;
  /** Where the decoded picture is enlarged. */
  enlarge: TilingRule | undefined;
  report: MemoryReport;
}

/** Larger tiles gain nothing, and progress and cancelling wait for the tile's end. In latent positions. */
const LARGEST_TILE = { webgpu: 512, cpu: 256, wasm: 128 };
/** The largest side of a tile of a picture, in pixels. */
const LARGEST_PIXEL_TILE = 512;
/** Multiply-adds of one run of an upscaler that could be run in pieces, which can be followed and cancelled. */
const LONGEST_RUN = { webgpu: 4e12, cpu: 4e12, wasm: 1e12 };
const FLOAT_BYTES = 4;
const RGBA_BYTES = 4;

/** Fixes the tiles before the first run, so that no tensor and no moment takes more than it may. */
export function planMemory(workbench: Workbench, job: Job): MemoryPlan {
  const { device, costs, limits } = workbench;
  const { latent, height, width } = job;
  const { upscalers, decoder, enlarger } = job.way;
  refuseOversizedLatent(job, device.maxTensorBytes);
  const sources = sizesBefore(upscalers, latent);
  const kept = keptBytes(job, 1);
  const limitsAt = (edge: number) => ({
    tensorBytes: limits.tensorBytes,
    runBytes: limits.budgetBytes - kept,
    edge: Math.min(edge, LARGEST_TILE[device.backend]),
  });
  const upscale = upscalers.map((upscaler, i) => {
    const edge = (job.tileLimit * sources[i]!.scale) / job.latentScale;
    const limits = { ...limitsAt(edge), work: LONGEST_RUN[device.backend] };
    return planNetwork(workbench, upscaler, limits, { ...sources[i]!, progress: job.upscaling[i] });
  });
  const decode = planNetwork(workbench, decoder, limitsAt(job.tileLimit), {
    height,
    width,
    progress: job.split,
  });
  const phases = [...upscale, decode].map(({ bytes }) => bytes);
  const enlarge = enlarger && planEnlargement(workbench, job, enlarger, limitsAt(Number.POSITIVE_INFINITY));
  if (enlarger && enlarge) {
    phases.push(runBytes(costs, enlarger, enlarge.tile, job.small!.height, job.small!.width));
  }
  const last = upscale.at(-1);
  const plannedBytes = Math.round(kept + Math.max(...phases));
  refuseBeyondBudget(job, limits.budgetBytes, plannedBytes);
  const report = {
    budgetBytes: limits.budgetBytes,
    plannedBytes,
    tensorLimitBytes: limits.tensorBytes,
    tile: { upscale: last?.rule.tile ?? 0, decode: decode.rule.tile, enlarge: enlarge?.tile ?? 0 },
    halo: { upscale: last?.rule.halo ?? 0, decode: decode.rule.halo, enlarge: enlarge?.halo ?? 0 },
    ...defined({
      split: decode.split && describeSplit(decode.split),
      upscaleSplit: last?.split && describeSplit(last.split),
    }),
  };
  return { upscale, decode, enlarge, report };
}

/**
 * What is in memory from the beginning to the end: the picture as bytes, the latent as the device's grid and as the
 * caller's copy, features between two networks, and the weights.
 * @param share 1, or the sides of a smaller latent of the same aspect, as a share of this one's
 */
function keptBytes({ latent, height, width, pixels, options, small, way }: Job, share: number): number {
  const { upscalers, decoder, enlarger } = way;
  const area = share ** 2;
  const pictureSides = [pixels.width * share, pixels.height * share] as const;
  const picture = options.pictureBytes?.(...pictureSides) ?? pictureSides[0] * pictureSides[1] * RGBA_BYTES;
  const sources = sizesBefore(upscalers, latent);
  const between = Math.max(
    (decoder.before?.channels ?? 0) * height * width,
    ...upscalers.map(({ before }, i) => (before?.channels ?? 0) * sources[i]!.height * sources[i]!.width),
  );
  const upscaled = latent.dims[0] * height * width;
  const grids =
    FLOAT_BYTES * (between + 2 * upscaled) + latent.data.byteLength + (small?.rgba.byteLength ?? 0);
  return (
    picture + area * grids + weightsBytes(new Set([...upscalers, decoder, ...(enlarger ? [enlarger] : [])]))
  );
}

/**
 * The upscaled latent is one grid on the device, however small its tiles are.
 * @throws LeapError `out-of-memory`
 */
function refuseOversizedLatent({ latent, height, width }: Job, limit: number): void {
  const bytes = FLOAT_BYTES * latent.dims[0] * height * width;
  if (bytes <= limit) return;
  throw new LeapError(
    'out-of-memory',
    `The upscaled latent of ${width} x ${height} takes ${mebibytes(bytes)} MiB in one piece; ` +
      `this device allows ${mebibytes(limit)} MiB.`,
    { indivisible: true, bytes, limit },
  );
}

/** Halvings until the sides that would fit are known to a thousandth. */
const SHARE_STEPS = 10;

/**
 * Even the smallest useful tiles would take more than may be taken: to begin would be to fail after minutes, or to
 * take thousands of tiles.
 *
 * @throws LeapError `out-of-memory` with what would fit
 */
function refuseBeyondBudget(job: Job, budget: number, planned: number): void {
  if (planned <= budget) return;
  const { pixels, latent } = job;
  // What is kept grows with the picture, what a run on the smallest tiles takes does not.
  const left = budget - (planned - keptBytes(job, 1));
  let [fits, tooMuch] = [0, 1];
  for (let step = 0; step < SHARE_STEPS; step++) {
    const share = (fits + tooMuch) / 2;
    if (keptBytes(job, share) <= left) fits = share;
    else tooMuch = share;
  }
  const [height = 0, width = 0] = latent.dims.slice(1).map((side) => Math.floor(side * fits));
  const advice =
    Math.min(height, width) > 0
      ? `At this scale a latent of about ${width} x ${height} would fit. A smaller scale, where the method has one, takes less.`
      : 'No latent fits into that: choose other models.';
  throw new LeapError(
    'out-of-memory',
    `A picture of ${pixels.width} x ${pixels.height} takes ${mebibytes(planned)} MiB on the way; ` +
      `${mebibytes(budget)} MiB may be taken. ${advice}`,
    { indivisible: true, bytes: planned, limit: budget, complete: true },
  );
}

/** What each upscaler takes: its sides, and how many times larger that is than the latent. */
function sizesBefore(
  upscalers: Network[],
  { dims }: Job['latent'],
): { height: number; width: number; scale: number }[] {
  let scale = 1;
  return upscalers.map((upscaler) => {
    const size = { height: Math.round(dims[1] * scale), width: Math.round(dims[2] * scale), scale };
    scale *= upscaler.scale;
    return size;
  });
}

function planEnlargement(
  { costs }: Workbench,
  { small, tileLimit, way }: Job,
  enlarger: Network,
  limits: TileLimits,
): TilingRule {
  if (enlarger.edge !== undefined) return { ...enlarger.overlap!, tile: enlarger.edge };
  const edge = Math.min(LARGEST_PIXEL_TILE, tileLimit * way.decoder.scale);
  return chooseRule(enlarger, costs, { ...limits, edge }, small!.height, small!.width);
}

function describeSplit({ segments, runs, storedBytes }: SplitPlan): SplitReport {
  const pieces = segments.map(({ from, to, passes }) => ({ from, to, passes: passes.length }));
  return { pieces, runs, storedBytes };
}

/** Once in the files' own bytes, once in the runtime. */
function weightsBytes(networks: Iterable<Network>): number {
  let bytes = 0;
  for (const { weights } of networks) {
    for (const file of weights.values()) bytes += 2 * file.byteLength;
  }
  return bytes;
}
