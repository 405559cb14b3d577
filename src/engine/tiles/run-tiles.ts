import { throwIfAborted } from '../../errors';
import type { Grid, Session } from '../device/runtime';
import type { Network } from '../network';
import type { Workbench } from '../workbench';
import type { Tile } from './plan-tiles';

export interface TileRun {
  network: Network;
  tiles: Tile[];
  signal?: AbortSignal | undefined;
  /** Called around the creation of a session: with 0 before, with 1 after. */
  onPrepare: (done: number) => void;
  /** Called before each tile with the number of finished ones. */
  onTile: (done: number) => void;
  /** Puts the part under the tile, including its halo, into the network's input. */
  fill: (tile: Tile, input: Grid) => void;
  /** Takes the output away. The next tile of the same shape overwrites it. */
  take: (output: Grid, tile: Tile) => void | Promise<void>;
}

/**
 * Lets waiting events in. Otherwise, with a backend that computes on this very thread, a message that cancels it would
 * wait until the end.
 */
const letEventsIn = () => new Promise((resolve) => setTimeout(resolve));

/** Runs a network over tiles, one by one. It can be cancelled between tiles. */
export async function runTiles(workbench: Workbench, run: TileRun): Promise<void> {
  for (const [done, tile] of run.tiles.entries()) {
    throwIfAborted(run.signal);
    // First: what is made ready is not part of the tile's time.
    const session = await getSession(workbench, run, tile);
    run.onTile(done);
    await letEventsIn();
    throwIfAborted(run.signal);
    run.fill(tile, session.input);
    await run.take(await session.run(), tile);
  }
  throwIfAborted(run.signal);
  run.onTile(run.tiles.length);
}

async function getSession(
  { sessions }: Workbench,
  { network, onPrepare }: TileRun,
  { x, y }: Tile,
): Promise<Session> {
  if (sessions.has(network, y.size, x.size)) return sessions.get(network, y.size, x.size);
  onPrepare(0);
  const session = await sessions.get(network, y.size, x.size);
  onPrepare(1);
  return session;
}
