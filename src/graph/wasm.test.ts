import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { makeHalfWeights } from '../testing/graph/half-weights';
import { luaShapes } from '../testing/graph/network-shapes';
import { LEAP_LUA_NETWORKS } from '../testing/graph/parity-cases';
import { makeWeights, randomTensor } from '../testing/graph/random-weights';
import { readReferences, relativeError } from '../testing/graph/run-on-node';
import { buildLua } from './index';
import type { LoadedWeights } from './onnx/pack-weights';
import type { BuiltGraph, LuaConfig } from './types';

/** The browser's wasm backend, in Node. */
ort.env.wasm.numThreads = 1;

const { tensors, config } = readReferences('lua-small-skip');
const shapes = luaShapes(config as LuaConfig);

test.each(['x2_8x8', 'x4_16x16', 'x2_24x40', 'x4_17x33'])('%s on wasm equals PyTorch', async (key) => {
  expect(relativeError(await runOnWasm(makeWeights(shapes), key), tensors.get(key)!)).toBeLessThan(1e-4);
});

test.each(['x2_17x33', 'x4_1x3'])('our own LUA, %s, on wasm equals PyTorch', async (key) => {
  const network = LEAP_LUA_NETWORKS[0]!;
  const weights = network.weights();
  const output = await runGraph(network.build(key, weights, 'fp32'), weights);
  expect(relativeError(output, network.reference(key))).toBeLessThan(1e-4);
});

test.each(['F16', 'BF16'] as const)('%s weights are read by wasm', async (dtype) => {
  const output = await runOnWasm(makeHalfWeights(shapes, dtype), 'x2_8x8');
  expect(relativeError(output, tensors.get('x2_8x8')!)).toBeLessThan(2e-2);
});

async function runOnWasm(weights: LoadedWeights, key: string): Promise<Float32Array> {
  const [scale, height, width] = key.slice(1).split(/[_x]/).map(Number) as [number, number, number];
  const size = { scale, height, width, precision: 'fp32' } as const;
  return runGraph(buildLua({ config: config as LuaConfig, weights: [weights.file], ...size }), weights);
}

async function runGraph(graph: BuiltGraph, { file, bytes }: LoadedWeights): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(graph.model, {
    executionProviders: ['wasm'],
    externalData: [{ path: file.path, data: bytes }],
  });
  const input = new ort.Tensor('float32', randomTensor('input', graph.input.shape), graph.input.shape);
  const { output } = await session.run({ input });
  await session.release();
  return output!.data as Float32Array;
}
