import { expect, test } from 'vitest';
import { klShapes, narrowKl } from '../../testing/graph/kl-shapes';
import { makeLoudWeights } from '../../testing/graph/loud-weights';
import { randomTensor } from '../../testing/graph/random-weights';
import { relativeError, runOnNode } from '../../testing/graph/run-on-node';
import { buildKlDecoder, buildPiece, listKlSteps } from '..';
import type { LoadedWeights } from '../onnx/pack-weights';
import type { Precision } from '../types';

/** The largest number of fp16, and what the features are divided by in it. */
const HALF_MAX = 65504;
const DIVISOR = 64;

const SHAPES = klShapes(narrowKl());
const size = { height: 4, width: 6 };
const input = randomTensor('input', [1, 4, 4, 6]);

function decode(weights: LoadedWeights, precision: Precision): Promise<Float32Array> {
  return runOnNode(buildKlDecoder({ weights: [weights.file], ...size, precision }), input, [weights]);
}

/** What the first normalisation sees, as it stands in the graph. */
function features(weights: LoadedWeights, precision: Precision): Promise<Float32Array> {
  const piece = { from: 0, to: 1, norm: 0 };
  const network = listKlSteps([weights.file], 'decoder');
  const graph = buildPiece(network, { ...size, precision, piece, statistics: new Map() });
  return runOnNode(graph, input, [weights]);
}

const most = (values: Float32Array): number =>
  values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);

test('features that fp16 cannot hold are divided, and the picture is right', async () => {
  const loud = makeLoudWeights(SHAPES, 1e5);
  const [wide, half] = [await features(loud, 'fp32'), await features(loud, 'fp16')];
  expect(most(wide)).toBeGreaterThan(2 * HALF_MAX);
  expect(most(half)).toBeLessThan(HALF_MAX);
  const undone = half.map((value) => value * DIVISOR);
  expect(relativeError(undone, wide)).toBeLessThan(2e-3);
  expect(relativeError(await decode(loud, 'fp16'), await decode(loud, 'fp32'))).toBeLessThan(1e-2);
});

test('even larger features spoil every value of the picture, so nobody can miss it', async () => {
  const louder = makeLoudWeights(SHAPES, 1e8);
  expect(most(await features(louder, 'fp32'))).toBeGreaterThan(DIVISOR * HALF_MAX);
  expect((await decode(louder, 'fp32')).every(Number.isFinite)).toBe(true);
  expect((await decode(louder, 'fp16')).some(Number.isFinite)).toBe(false);
});

test('features of the usual size lose nothing when they are divided', async () => {
  const usual = makeLoudWeights(SHAPES, 1);
  expect(relativeError(await decode(usual, 'fp16'), await decode(usual, 'fp32'))).toBeLessThan(1e-2);
});
