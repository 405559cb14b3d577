import type { Grid } from '../device/runtime';
import type { Network } from '../network';
import type { Workbench } from '../workbench';
import { placementOf, planTiles, wholeRule } from './plan-tiles';
import { runTiles } from './run-tiles';

/** What the caller of a run in one piece is told, and how it is cancelled. */
interface WholeRunListeners {
  signal: AbortSignal | undefined;
  onPrepare(done: number): void;
  /** Called before the run with 0, and after it with 1. */
  onRun?(done: number): void;
}

/** Runs a part of a network that sees everything at once over all of a grid, in one piece. What it gives is not checked. */
export async function runWhole(
  workbench: Workbench,
  network: Network,
  source: Grid,
  { signal, onPrepare, onRun = () => {} }: WholeRunListeners,
): Promise<Grid> {
  const { grids } = workbench.device;
  const [, height, width] = source.dims;
  const target = grids.zeros([network.channels, height * network.scale, width * network.scale]);
  try {
    await runTiles(workbench, {
      network,
      tiles: planTiles(height, width, wholeRule(height, width)),
      signal,
      onPrepare,
      onTile: onRun,
      fill: ({ x, y }, input) => grids.cut(source, x.start, y.start, input, network.affineIn),
      take: (output, tile) =>
        grids.place(output, placementOf(tile, network.scale), target, network.affineOut),
    });
    return target;
  } catch (thrown) {
    grids.free(target);
    throw thrown;
  }
}
