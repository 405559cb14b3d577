import { describe, expect, test } from 'vitest';
import { LeapError } from '../../errors';
import { stepsOf } from '../../graph';
import {
  checkpoint,
  entryOf,
  latentFor,
  openEngine,
  upscaleToPicture,
} from '../../testing/engine/checkpoint-engine';
import { type Fault, faultyRuntime } from '../../testing/engine/faulty-runtime';
import {
  comparePieces,
  openWorkbench,
  runInPieces,
  type SplitTest,
} from '../../testing/engine/run-in-pieces';
import { UPSCALER_NETWORKS } from '../../testing/graph/parity-cases';
import { makeWeights } from '../../testing/graph/random-weights';
import { relativeError } from '../../testing/graph/run-on-node';
import { nnLatentUpscaleShapes } from '../../testing/graph/upscaler-shapes';
import { IDENTITY } from '../device/runtime';
import { planTiles } from '../tiles/plan-tiles';
import { planSplit, type SplitPlan } from './plan-split';
import { splitNetwork } from './split-network';

const workbench = await openWorkbench();
const narrow = makeWeights(nnLatentUpscaleShapes({ width: 32, blocks: 3 }));

function enlarge(scale: number, height: number, width: number, more: Partial<SplitTest> = {}): SplitTest {
  const steps = stepsOf('nn-latent-upscale', [narrow.file], scale)!;
  return { steps, weights: narrow, height, width, tile: 12, workbench, ...more };
}

const errorOf = async (wish: SplitTest) => (await comparePieces(wish)).error;

describe('NNLatentUpscale in pieces gives what one run gives', () => {
  test.each([
    ['x2, odd sides', enlarge(2, 21, 17)],
    ['x1.5', enlarge(1.5, 26, 14)],
    ['x1.25', enlarge(1.25, 36, 20)],
    ['x1.1, whose denominator is ten', enlarge(1.1, 30, 20, { tile: 30 })],
    ['x2, a single column', enlarge(2, 31, 1)],
    ['x2, features kept only where there is an attention', enlarge(2, 14, 9, { bytes: 1 })],
  ])('%s', async (_, wish) => {
    expect(await errorOf(wish)).toBeLessThan(1e-5);
  });
});

test('the comparison notices a missing halo at the enlargement', async () => {
  const { steps } = enlarge(1.5, 26, 14).steps;
  const at = steps.findIndex(({ before }) => before.kind === 'enlarge');
  const spoil = ({ segments }: SplitPlan) => {
    const segment = segments.find(({ from, to }) => from <= at && to > at)!;
    const rule = segment.rules.at(-1)!;
    expect(planTiles(segment.height, segment.width, rule).length).toBeGreaterThan(1);
    segment.rules[segment.rules.length - 1] = { ...rule, halo: 0 };
  };
  expect(await errorOf(enlarge(1.5, 26, 14, { spoil }))).toBeGreaterThan(1e-4);
});

describe('NNLatentUpscale in pieces equals PyTorch', () => {
  const network = UPSCALER_NETWORKS.find(({ name }) => name === 'nn-latent-upscale')!;
  const weights = network.weights();

  test.each([
    ['x1.25_8x8', 8, 8],
    ['x1.5_8x8', 8, 8],
    ['x2_9x13', 9, 13],
  ])('%s', { timeout: 60_000 }, async (key, height, width) => {
    const steps = network.steps!(key, weights)!;
    const { output } = await runInPieces({ steps, weights, height, width, tile: 4, workbench });
    expect(relativeError(output, network.reference(key))).toBeLessThan(1e-4);
  });
});

describe('NNLatentUpscale of the published size', () => {
  const MEBIBYTE = 2 ** 20;
  const published = makeWeights(nnLatentUpscaleShapes());
  const network = (scale: number) =>
    splitNetwork('nn', {
      steps: stepsOf('nn-latent-upscale', [published.file], scale)!,
      weights: new Map(),
      affineIn: IDENTITY,
    });

  test.each([
    [128, 1.5, 384],
    [128, 2, 448],
    [192, 1.5, 512],
    [192, 2, 512],
    [512, 2, 2560],
  ])('a latent of edge %i at x%f runs within %i MiB and buffers of 128 MiB', (edge, scale, mebibytes) => {
    const runBytes = mebibytes * MEBIBYTE;
    const limits = { tensorBytes: 128 * MEBIBYTE, runBytes, edge: 512 };
    const split = network(scale);
    const plan = planSplit(workbench, split, { height: edge, width: edge, limits, start: 0 });
    expect(plan.storedBytes + plan.runBytes).toBeLessThan(runBytes);
    for (const { from, passes, rules, attention } of plan.segments) {
      const tiles = passes.map((piece, i) =>
        workbench.costs.of(split.piece(piece), rules[i]!.tile, rules[i]!.tile),
      );
      if (attention) {
        const { queries, keys } = attention;
        tiles.push(workbench.costs.of(split.attention(from, queries), 1, queries + keys));
      }
      for (const { largestTensorBytes } of tiles)
        expect(largestTensorBytes).toBeLessThanOrEqual(128 * MEBIBYTE);
    }
  });
});

async function upscaleOn(faults: Fault[]) {
  const file = checkpoint(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
  const entry = entryOf(file, 'nn', 'lua', 'sdxl');
  const runtime = faultyRuntime(['webgpu', 'wasm'], faults);
  const engine = await openEngine(file, entry, { runtime, precision: 'fp32' });
  const wish = { scale: 2, method: 'lua', lua: 'nn', tile: 24 } as const;
  return upscaleToPicture(engine, latentFor(entry, 20, 16), wish);
}

test('a device that is lost during the pieces of an upscaler costs only the current pass', async () => {
  const smooth = await upscaleOn([]);
  const total = smooth.report.memory.upscaleSplit!.runs;
  const error = new LeapError('device-lost', 'The GPU device was lost: pulled out.');
  const broken = await upscaleOn([{ failAt: { run: Math.ceil(total * 0.8), error } }]);
  expect(broken.report.notices).toHaveLength(1);
  expect(relativeError(broken.latent.data, smooth.latent.data)).toBeLessThan(1e-5);
  // What remains of the upscaler is planned anew, from the features that were kept.
  expect(broken.report.memory.upscaleSplit!.pieces[0]!.from).toBeGreaterThan(0);
});

test('features of an upscaler that turned out to compute wrongly are computed again', async () => {
  const good = await upscaleOn([]);
  const half = good.report.memory.upscaleSplit!.runs / 2;
  let outputs = 0;
  // The values of the first half are finite, so nothing shows until one is not.
  const spoil = (output: Float32Array) => {
    if (++outputs < half) output.set(output.map((value) => value / 2));
    else output[0] = Number.NaN;
  };
  const { latent, report } = await upscaleOn([{ spoil }]);
  expect(outputs).toBeGreaterThan(half);
  expect(report.backend).toBe('wasm');
  expect(latent.data).toEqual(good.latent.data);
});
