import { throwIfAborted } from '../errors';
import type { Network } from './networks';
import type { Grid } from './runtime';
import type { Stage } from './stage';
import type { Tile } from './tiles/plan-tiles';

export interface TileRun {
  network: Network;
  /** Model space, as large as the tiles' plan says. */
  source: Grid;
  tiles: Tile[];
  signal?: AbortSignal | undefined;
  /** Before each tile: how many are done. */
  onTile: (done: number) => void;
  /** Takes the output away; it is overwritten by the next tile of the same shape. */
  take: (output: Grid, tile: Tile) => void | Promise<void>;
}

/**
 * Lets waiting events in. Without it a backend that computes on this very thread would keep the message that
 * cancels it waiting until the end.
 */
const letEventsIn = () => new Promise((resolve) => setTimeout(resolve));

/** Runs a network over the tiles of a grid, one by one. Between tiles it may be cancelled. */
export async function runTiles(stage: Stage, run: TileRun): Promise<void> {
  const { grids } = stage.device;
  for (const [done, tile] of run.tiles.entries()) {
    run.onTile(done);
    await letEventsIn();
    throwIfAborted(run.signal);
    const session = await stage.sessions.get(run.network, tile.y.size, tile.x.size);
    grids.cut(run.source, tile.x.start, tile.y.start, session.input, run.network.affineIn);
    await run.take(await session.run(), tile);
  }
  throwIfAborted(run.signal);
  run.onTile(run.tiles.length);
}
