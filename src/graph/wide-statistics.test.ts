import { afterEach, expect, test, vi } from 'vitest';
import { klShapes, narrowKl } from '../testing/graph/kl-shapes';
import { leapLuaShapes, luaShapes, type Shapes, SMALL_LUA } from '../testing/graph/network-shapes';
import { makeWeights } from '../testing/graph/random-weights';
import { lsrShapes, nnLatentUpscaleShapes } from '../testing/graph/upscaler-shapes';
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

const swin = { window_size: 8, mlp_ratio: 2, heads: 2 };
const leap = {
  in_chans: 4,
  widths: [16, 16, 8] as [number, number, number],
  stem: 1,
  groups: 1,
  middle: 1,
  tail: 1,
};
const lsr = { width: 12, depths: [2], heads: 2, features: 8, hidden: 16 };

test.each<[Architecture, Shapes]>([
  ['leap-lua', leapLuaShapes({ ...leap, ...swin })],
  ['lua', luaShapes(SMALL_LUA)],
  ['lsr', lsrShapes(lsr)],
])('%s in fp16 has its softmax in fp32', (architecture, shapes) => {
  const { file } = makeWeights(shapes);
  const ops = recordOps(() => buildGraph(architecture, { weights: [file], scale: 2, ...common }));
  const typesOf = (wanted: string) =>
    new Set(ops.filter(({ opType }) => opType === wanted).flatMap(({ types }) => types));
  expect(typesOf('Softmax')).toEqual(new Set([ElementType.float32]));
  expect(typesOf('LayerNormalization')).toEqual(new Set([ElementType.float16]));
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
