import type { Grid } from '../device/runtime';
import type { Job } from '../jobs/job';
import type { Network } from '../network';
import type { Stage } from '../stage';
import { pieceOf, planTiles } from './plan-tiles';
import { runTiles } from './run-tiles';

/** Runs a network over a grid in one piece, for networks that must see everything at once. */
export async function runWhole(
  stage: Stage,
  network: Network,
  source: Grid,
  job: Job,
  what: 'decoder' | 'upscaler',
): Promise<Grid> {
  const { grids } = stage.device;
  const [, height, width] = source.dims;
  const target = grids.zeros([network.channels, height * network.scale, width * network.scale]);
  try {
    await runTiles(stage, {
      network,
      tiles: planTiles(height, width, { tile: Math.max(height, width), halo: 0, fade: 0, align: 1 }),
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, `Preparing the ${what}`),
      onTile: () => {},
      fill: (_, input) => grids.cut(source, 0, 0, input, network.affineIn),
      take: async (output, tile) => {
        await grids.add(output, pieceOf(tile, network.scale), target, network.affineOut);
      },
    });
    return target;
  } catch (thrown) {
    grids.free(target);
    throw thrown;
  }
}
