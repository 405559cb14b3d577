import type { MemoryReport } from '../client/types';
import { LeapError } from '../errors';
import type { Job } from './job';
import type { Network } from './networks';
import type { Stage } from './stage';
import { chooseRule, RUNTIME_OVERHEAD } from './tiles/choose-rule';
import type { GraphCosts } from './tiles/graph-costs';
import type { TilingRule } from './tiles/plan-tiles';

export interface MemoryPlan {
  /** Null when the latent is only decoded. */
  upscale: TilingRule | null;
  decode: TilingRule;
  report: MemoryReport;
}

/** Larger tiles gain nothing, and progress and cancelling wait for the tile's end. In latent positions. */
const LARGEST_TILE = { webgpu: 512, cpu: 256, wasm: 128 };
const FLOAT_BYTES = 4;

/** Fixes the tiles before the first run, so that no tensor and no moment takes more than it may. */
export function planMemory(stage: Stage, job: Job): MemoryPlan {
  const { device, costs, limits } = stage;
  const { latent, upscaler, decoder, height, width } = job;
  const upscaled = latent.dims[0] * height * width * FLOAT_BYTES;
  const picture = height * width * decoder.scale ** 2 * 4;
  // The picture is kept as bytes, the latent as the device's grid and as the caller's copy.
  const kept =
    picture + 2 * upscaled + latent.data.byteLength + weightsBytes(upscaler) + weightsBytes(decoder);
  const limitsAt = (edge: number) => ({
    tensorBytes: limits.tensorBytes,
    runBytes: limits.budgetBytes - kept,
    edge: Math.min(edge, LARGEST_TILE[device.backend]),
  });
  const [, sourceHeight, sourceWidth] = latent.dims;
  const upscale =
    upscaler &&
    chooseRule(upscaler, costs, limitsAt(job.tileLimit / upscaler.scale), sourceHeight, sourceWidth);
  const decode = chooseRule(decoder, costs, limitsAt(job.tileLimit), height, width);
  refuseUnlessItFits(decoder.before ?? decoder, stage, height, width);
  const runs = [runBytes(costs, decoder, decode.tile, height, width)];
  if (upscaler && upscale) {
    runs.push(runBytes(costs, upscaler, upscale.tile, sourceHeight, sourceWidth));
  }
  const report = {
    budgetBytes: limits.budgetBytes,
    plannedBytes: Math.round(kept + Math.max(...runs)),
    tensorLimitBytes: limits.tensorBytes,
    tile: { upscale: upscale?.tile ?? 0, decode: decode.tile },
    halo: { upscale: upscale?.halo ?? 0, decode: decode.halo },
  };
  return { upscale, decode, report };
}

/**
 * What cannot be tiled either fits or is not tried: a GPU that is asked for too much may take the tab down.
 * @throws LeapError `out-of-memory`
 */
function refuseUnlessItFits(
  network: Network,
  { precision, limits }: Stage,
  height: number,
  width: number,
): void {
  if (network.overlap) return;
  const { largestTensorBytes } = network.build(height, width, precision);
  if (largestTensorBytes <= limits.tensorBytes) return;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  throw new LeapError(
    'out-of-memory',
    `${network.key} works on the whole latent at once and needs ${mebibytes(largestTensorBytes)} MiB in one piece; ` +
      `this backend allows ${mebibytes(limits.tensorBytes)} MiB.`,
    { indivisible: true, bytes: largestTensorBytes, limit: limits.tensorBytes },
  );
}

/** Bytes that a run on one tile takes, weights not counted. */
function runBytes(costs: GraphCosts, network: Network, tile: number, height: number, width: number): number {
  return costs.of(network, Math.min(tile, height), Math.min(tile, width)).peakBytes * RUNTIME_OVERHEAD;
}

/** Once in the files' own bytes, once in the runtime. */
function weightsBytes(network: Network | null): number {
  let bytes = 0;
  for (const file of network?.weights.values() ?? []) bytes += 2 * file.byteLength;
  return bytes;
}
