import { openNodeRuntime } from '../../engine/device/node/open-node-runtime';
import { type Grid, IDENTITY } from '../../engine/device/runtime';
import { padGrid } from '../../engine/split/pad-grid';
import { planSplit, type SplitPlan } from '../../engine/split/plan-split';
import { runSplit } from '../../engine/split/run-split';
import { splitNetwork } from '../../engine/split/split-network';
import { SplitProgress } from '../../engine/split/split-progress';
import { placementOf, planTiles } from '../../engine/tiles/plan-tiles';
import { runTiles } from '../../engine/tiles/run-tiles';
import { Workbench } from '../../engine/workbench';
import type { StepList } from '../../graph';
import type { LoadedWeights } from '../../graph/onnx/pack-weights';
import { buildWhole } from '../../graph/steps/build-steps';
import type { Precision } from '../../graph/types';
import { type KlShape, klShapes } from '../graph/kl-shapes';
import { makeWeights, randomTensor } from '../graph/random-weights';
import { relativeError, runOnNode } from '../graph/run-on-node';

/** As narrow as 32 groups allow. It is as deep as the real ones, so a tile sees as much. */
const NARROW: KlShape = {
  channels: 4,
  encoderWidths: [32, 64, 64, 64],
  decoderWidths: [32, 64, 64, 64],
  quantConv: true,
  batchNorm: false,
};

export function narrowWeights(shape: Partial<KlShape> = {}): LoadedWeights {
  return makeWeights(klShapes({ ...NARROW, ...shape }));
}

export interface SplitTest {
  steps: StepList;
  weights: LoadedWeights;
  /** Size of the network's input, in whose positions `tile` counts, too. */
  height: number;
  width: number;
  tile: number;
  /** For the features that are kept. */
  bytes?: number;
  /** For the largest tensor. */
  tensorBytes?: number;
  /** Changes the plan before it is run. */
  spoil?: (plan: SplitPlan) => void;
  workbench: Workbench;
}

export async function openWorkbench(precision: Precision = 'fp32'): Promise<Workbench> {
  return new Workbench(await openNodeRuntime({ threads: 1 }).openDevice('cpu'), precision);
}

function inputOf({ steps, height, width }: SplitTest): Float32Array {
  return randomTensor('input', [1, steps.steps[0]!.inputs, height, width]);
}

/** The result of one run over everything. @param build its graph, for networks that have one of their own */
function runWhole(test: SplitTest, build = buildWhole): Promise<Float32Array> {
  const { steps, height, width, weights } = test;
  const graph = build(steps, { height, width, precision: 'fp32' });
  return runOnNode(graph, inputOf(test), [weights]);
}

/** The result of the split, and their plan. */
export async function runInPieces(test: SplitTest): Promise<{ output: Float32Array; plan: SplitPlan }> {
  const { steps, weights, height, width, tile, workbench, bytes = 2 ** 31, tensorBytes = 2 ** 30 } = test;
  const { grids } = workbench.device;
  const named = new Map([[weights.file.path, weights.bytes]]);
  const network = splitNetwork('test', { steps, weights: named, affineIn: IDENTITY });
  const limits = { tensorBytes, runBytes: 2 * bytes, edge: tile };
  const plan = planSplit(workbench, network, { height, width, limits, start: 0 });
  test.spoil?.(plan);
  const input = grids.fromArray(inputOf(test), [steps.steps[0]!.inputs, height, width]);
  const [first] = plan.segments;
  const source = await padGrid(grids, input, first!.height, first!.width);
  const last = await runSplit({
    workbench,
    network,
    plan,
    progress: new SplitProgress(workbench.precision),
    fill: ({ x, y }, input) => grids.cut(source, x.start, y.start, input, IDENTITY),
    onPrepare: () => {},
    onRun: () => {},
  });
  const { scale, channels } = last.network;
  const target = grids.zeros([channels, Math.round(last.height * scale), Math.round(last.width * scale)]);
  await runTiles(workbench, {
    network: last.network,
    tiles: planTiles(last.height, last.width, last.rule),
    onPrepare: () => {},
    onTile: () => {},
    fill: last.fill,
    take: async (output: Grid, tile) => {
      await grids.add(output, placementOf(tile, scale), target, IDENTITY);
    },
  });
  return { output: await grids.toArray(target), plan };
}

/** How far the pieces are from one run over everything, and their plan. @param build as for {@link runWhole} */
export async function comparePieces(
  test: SplitTest,
  build = buildWhole,
): Promise<{ error: number; plan: SplitPlan }> {
  const { output, plan } = await runInPieces(test);
  return { error: relativeError(output, await runWhole(test, build)), plan };
}

/** How many tiles each piece of the plan has. */
export const tilesOf = ({ segments }: SplitPlan): number[] =>
  segments.map(({ rules, height, width }) => planTiles(height, width, rules.at(-1)!).length);
