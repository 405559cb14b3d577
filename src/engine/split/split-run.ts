import type { Grid } from '../device/runtime';
import type { SplitNetwork } from '../network';
import type { Tile } from '../tiles/plan-tiles';
import type { Workbench } from '../workbench';
import type { SplitPlan } from './plan-split';
import type { SplitProgress } from './split-progress';

/** What runs a network in pieces. */
export interface SplitRun {
  workbench: Workbench;
  network: SplitNetwork;
  plan: SplitPlan;
  progress: SplitProgress;
  /** Puts the network's own input under a tile. */
  fill: (tile: Tile, input: Grid) => void;
  signal?: AbortSignal | undefined;
  onPrepare: (done: number) => void;
  /** Runs that are done, of the plan's. */
  onRun: (done: number) => void;
}
