import { expect, type Page, test } from '@playwright/test';
import { buildKlDecoder, widenBfloat16 } from '../../src/graph/index';
import type { LoadedWeights } from '../../src/graph/onnx/pack-weights';
import type { BuiltGraph, LuaConfig } from '../../src/graph/types';
import { makeHalfWeights } from '../../src/testing/graph/half-weights';
import { klShapes, narrowKl } from '../../src/testing/graph/kl-shapes';
import { luaShapes } from '../../src/testing/graph/network-shapes';
import {
  FILTERS,
  LEAP_LUA_NETWORKS,
  LUA_NETWORKS,
  type ParityNetwork,
  TINY_NETWORKS,
  UPSCALER_NETWORKS,
} from '../../src/testing/graph/parity-cases';
import { makeWeights, randomTensor } from '../../src/testing/graph/random-weights';
import { readReferences, relativeError, runOnNode } from '../../src/testing/graph/run-on-node';
import { openHarness } from '../support/ort-harness';

/** fp32 on the browser's WebGPU against PyTorch, in units of max |reference|. */
const TOLERANCE = 1e-3;
/** The same when the weights are rounded to 16 bits first: a wrong type or offset costs far more. */
const ROUNDED_TOLERANCE = 2e-2;

/**
 * A software adapter spends its time on compiling shaders, some ten seconds a case: by default every size and
 * both scales come once. `PARITY=all` runs every case of these networks.
 */
const QUICK_CASES: Record<string, string[]> = {
  'lua-small': ['x2_16x16'],
  'lua-small-skip': ['x4_17x33'],
  'leap-lua': ['x4_8x8'],
  'nn-latent-upscale': ['x1.5_8x8'],
  'sd-latent-upscaler': ['x1.25_8x8'],
  lsr: ['x1.5_8x8'],
  'taesd-decoder': ['5x7'],
  'taesd-decoder-pooled': ['5x7'],
  'leap-decoder': ['5x7'],
  'leap-decoder-toned': ['5x7'],
  'leap-encoder-toned': ['5x7'],
  bicubic: ['x1.5_5x7'],
  lanczos: ['x2_5x7'],
};

test.setTimeout(120_000);
test.describe.configure({ mode: 'parallel' });

for (const network of [
  ...LUA_NETWORKS,
  ...LEAP_LUA_NETWORKS,
  ...UPSCALER_NETWORKS,
  ...TINY_NETWORKS,
  ...FILTERS,
]) {
  const keys =
    QUICK_CASES[network.name] && process.env.PARITY === 'all' ? network.keys : QUICK_CASES[network.name];
  for (const key of keys ?? []) {
    test(`WebGPU: ${network.name} ${key} equals PyTorch`, async ({ page }) => {
      const weights = network.weights();
      const graph = network.build(key, weights, 'fp32');
      const output = await runOnWebGpu(page, graph, weights);
      expect(relativeError(output, network.reference(key))).toBeLessThan(TOLERANCE);
    });
  }
}

// fp16 as it is stored, bfloat16 widened, because WebGPU refuses it.
for (const dtype of ['F16', 'BF16'] as const) {
  test(`WebGPU: ${dtype} weights`, async ({ page }) => {
    const network = LUA_NETWORKS.find(({ name }) => name === 'lua-small') as ParityNetwork;
    const config = readReferences(network.name).config as LuaConfig;
    const weights = widenBfloat16(makeHalfWeights(luaShapes(config), dtype));
    const output = await runOnWebGpu(page, network.build('x2_8x8', weights, 'fp32'), weights);
    expect(relativeError(output, network.reference('x2_8x8'))).toBeLessThan(ROUNDED_TOLERANCE);
  });
}

// A full decoder's operators, on widths that a software adapter can run; Node's CPU is the reference.
test('WebGPU: a narrow full decoder equals the CPU', async ({ page }) => {
  const weights = makeWeights(klShapes(narrowKl({ channels: 32, batchNorm: true })));
  const graph = buildKlDecoder({ weights: [weights.file], height: 2, width: 4, precision: 'fp32' });
  const reference = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
  expect(relativeError(await runOnWebGpu(page, graph, weights), reference)).toBeLessThan(TOLERANCE);
});

/** The graph's output for the random input; times and adapter go into the report. */
async function runOnWebGpu(page: Page, graph: BuiltGraph, weights: LoadedWeights): Promise<Float32Array> {
  const harness = await openHarness(page);
  const input = randomTensor('input', graph.input.shape);
  const { output, createMs, runMs, adapter } = await harness.run('webgpu', graph, input, [weights]);
  await harness.close();
  const description = `${adapter}: session ${createMs.toFixed(0)} ms, run ${runMs.toFixed(0)} ms`;
  test.info().annotations.push({ type: 'measured', description });
  return output;
}
