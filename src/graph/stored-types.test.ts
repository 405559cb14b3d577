import { describe, expect, test } from 'vitest';
import { makeHalfWeights } from '../testing/graph/half-weights';
import { luaShapes, taesdShapes } from '../testing/graph/network-shapes';
import { LEAP_LUA_NETWORKS, UPSCALER_NETWORKS } from '../testing/graph/parity-cases';
import { makeWeights, randomTensor } from '../testing/graph/random-weights';
import { readReferences, relativeError, runOnNode } from '../testing/graph/run-on-node';
import { buildGraph, buildLua, widenBfloat16 } from './index';
import { type LoadedWeights, packWeights } from './onnx/pack-weights';
import type { LuaConfig, Precision } from './types';

/** Rounding the weights alone costs this much; a wrong type or offset costs everything. */
const ROUNDING = { F16: 2e-3, BF16: 2e-2 } as const;

const { tensors, config } = readReferences('lua-small-skip');

const runLua = (weights: LoadedWeights, precision: Precision): Promise<Float32Array> => {
  const size = { scale: 2, height: 17, width: 33 };
  const graph = buildLua({ config: config as LuaConfig, weights: [weights.file], precision, ...size });
  return runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
};

describe.each(['F16', 'BF16'] as const)('%s weights', (dtype) => {
  const weights = makeHalfWeights(luaShapes(config as LuaConfig), dtype);

  test.each(['fp32', 'fp16'] as const)('run in %s', async (precision) => {
    const output = await runLua(weights, precision);
    expect(relativeError(output, tensors.get('x2_17x33')!)).toBeLessThan(ROUNDING[dtype]);
  });
});

test('fp32 and fp16 graphs of one fp32 file agree to fp16 rounding', async () => {
  const weights = makeWeights(luaShapes(config as LuaConfig));
  const [wide, narrow] = [await runLua(weights, 'fp32'), await runLua(weights, 'fp16')];
  expect(relativeError(narrow, wide)).toBeLessThan(2e-3);
  expect(relativeError(narrow, wide)).toBeGreaterThan(0);
});

test.each(UPSCALER_NETWORKS)('$name in fp16 is PyTorch to fp16 rounding', async (network) => {
  const weights = network.weights();
  const graph = network.build('x1.5_8x8', weights, 'fp16');
  const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
  expect(relativeError(output, network.reference('x1.5_8x8'))).toBeLessThan(4e-3);
});

test.each(['x2_17x33', 'x4_8x8'])('our own LUA in fp16, %s, is PyTorch to fp16 rounding', async (key) => {
  const network = LEAP_LUA_NETWORKS[0]!;
  const weights = network.weights();
  const graph = network.build(key, weights, 'fp16');
  const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
  expect(relativeError(output, network.reference(key))).toBeLessThan(2e-3);
});

test('large latents do not overflow the pooled statistics in fp16', async () => {
  const weights = makeWeights(taesdShapes('decoder', 32, true));
  const outputs = await Promise.all(
    (['fp32', 'fp16'] as const).map((precision) => {
      const graph = buildGraph('taesd-decoder', {
        weights: [weights.file],
        height: 24,
        width: 24,
        precision,
      });
      return runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
    }),
  );
  expect(relativeError(outputs[1]!, outputs[0]!)).toBeLessThan(1e-2);
});

describe('widenBfloat16', () => {
  test('gives the same result as the bfloat16 file, bit for bit', async () => {
    const weights = makeHalfWeights(luaShapes(config as LuaConfig), 'BF16');
    const wide = widenBfloat16(weights);
    expect([...wide.file.header.entries.values()].every(({ dtype }) => dtype === 'F32')).toBe(true);
    expect(await runLua(wide, 'fp32')).toEqual(await runLua(weights, 'fp32'));
  });

  test('leaves other types as they are, and files without bfloat16 alone', () => {
    const mixed = packWeights([
      { name: 'odd', shape: [3], dtype: 'U8', bytes: Uint8Array.of(1, 2, 3) },
      { name: 'one', shape: [1], dtype: 'BF16', bytes: Uint8Array.of(0x80, 0x3f) },
    ]);
    const wide = widenBfloat16(mixed);
    const read = (name: string): Uint8Array => {
      const { begin, end } = wide.file.header.entries.get(name)!;
      return wide.bytes.slice(begin, end);
    };
    expect(read('odd')).toEqual(Uint8Array.of(1, 2, 3));
    expect(new Float32Array(read('one').buffer)).toEqual(Float32Array.of(1));
    expect(widenBfloat16(wide)).toBe(wide);
  });
});
