import type { Grid } from '../device/runtime';
import type { StagedNetwork } from '../network';
import type { Stage } from '../stage';
import type { Tile } from '../tiles/plan-tiles';
import type { StagedPlan } from './plan-stages';
import type { StagedProgress } from './staged-progress';

/** What runs a network in stages. */
export interface StagedRun {
  stage: Stage;
  network: StagedNetwork;
  plan: StagedPlan;
  progress: StagedProgress;
  /** Puts the network's own input under a tile. */
  fill: (tile: Tile, input: Grid) => void;
  signal?: AbortSignal | undefined;
  onPrepare: (done: number) => void;
  /** Runs that are done, of the plan's. */
  onRun: (done: number) => void;
}
