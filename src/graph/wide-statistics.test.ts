import { afterEach, expect, test, vi } from 'vitest';
import { klShapes, narrowKl } from '../testing/graph/kl-shapes';
import { makeWeights } from '../testing/graph/random-weights';
import { nnLatentUpscaleShapes } from '../testing/graph/upscaler-shapes';
import { type Architecture, buildGraph, type GraphOptions } from './index';
import { GraphBuilder } from './onnx/graph-builder';
import { ElementType } from './onnx/onnx-proto';
import { buildPiece } from './steps/build-steps';
import { listNnSteps } from './upscalers/nn-steps';

/** What sums over many values, or subtracts their mean: fp16 would lose or overflow there. */
const STATISTICS = ['InstanceNormalization', 'ReduceMean', 'Softmax', 'Sub'];

afterEach(() => void vi.restoreAllMocks());

/** The operations of a graph, each with the types of its inputs. */
function recordOps(build: () => unknown): { opType: string; types: ElementType[] }[] {
  const ops = vi.spyOn(GraphBuilder.prototype, 'ops');
  build();
  return ops.mock.calls.map(([opType, inputs]) => ({ opType, types: inputs.map(({ type }) => type) }));
}

const nn = makeWeights(nnLatentUpscaleShapes({ width: 32, blocks: 2 }));
const kl = makeWeights(klShapes(narrowKl()));
const common = { height: 8, width: 8, precision: 'fp16' } as const;

test.each<[string, Architecture, GraphOptions]>([
  ['NNLatentUpscale', 'nn-latent-upscale', { weights: [nn.file], scale: 2, ...common }],
  ['the full decoder', 'kl-decoder', { weights: [kl.file], ...common }],
  ['the full encoder', 'kl-encoder', { weights: [kl.file], ...common }],
])('%s in fp16 has its statistics in fp32', (_, architecture, options) => {
  const ops = recordOps(() => buildGraph(architecture, options));
  const statistics = ops.filter(({ opType }) => STATISTICS.includes(opType));
  const names = new Set(statistics.map(({ opType }) => opType));
  expect(names).toContain('InstanceNormalization');
  expect(names).toContain('Softmax');
  for (const { opType, types } of statistics) {
    expect(new Set(types), opType).toEqual(new Set([ElementType.float32]));
  }
  // The rest is in fp16, or there would be nothing to see.
  const convolutions = ops.filter(({ opType }) => opType === 'Conv');
  expect(new Set(convolutions.flatMap(({ types }) => types))).toEqual(new Set([ElementType.float16]));
});

test('a piece of NNLatentUpscale in fp16 subtracts the mean of the whole in fp32', () => {
  const network = listNnSteps([nn.file], 2);
  const known = { mean: Array(32).fill(0.1), variance: Array(32).fill(1) };
  const statistics = new Map(network.steps.flatMap(({ norms }) => norms.map((key) => [key, known] as const)));
  const piece = { from: network.steps.length - 1, to: network.steps.length };
  const ops = recordOps(() => buildPiece(network, { piece, statistics, ...common }));
  const subtractions = ops.filter(({ opType }) => opType === 'Sub');
  expect(subtractions.length).toBeGreaterThan(0);
  expect(new Set(subtractions.flatMap(({ types }) => types))).toEqual(new Set([ElementType.float32]));
});
