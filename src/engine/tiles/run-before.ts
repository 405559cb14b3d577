import type { Grid } from '../device/runtime';
import type { Job } from '../jobs/job';
import type { Network } from '../network';
import type { Workbench } from '../workbench';
import { placementOf, planTiles, wholeRule } from './plan-tiles';
import { runTiles } from './run-tiles';

/** Runs the first part of a network over all of a grid, in one piece. */
export async function runBefore(
  workbench: Workbench,
  network: Network,
  source: Grid,
  job: Job,
  what: 'decoder' | 'upscaler',
): Promise<Grid> {
  const { grids } = workbench.device;
  const [, height, width] = source.dims;
  const target = grids.zeros([network.channels, height * network.scale, width * network.scale]);
  try {
    await runTiles(workbench, {
      network,
      tiles: planTiles(height, width, wholeRule(height, width)),
      signal: job.options.signal,
      onPrepare: (done) => job.progress('prepare', done, 1, `Preparing the ${what}`),
      onTile: () => {},
      fill: ({ x, y }, input) => grids.cut(source, x.start, y.start, input, network.affineIn),
      // What is wrong here shows in what the rest makes of it, which is looked at.
      take: (output, tile) =>
        grids.place(output, placementOf(tile, network.scale), target, network.affineOut),
    });
    return target;
  } catch (thrown) {
    grids.free(target);
    throw thrown;
  }
}
