import { describe, expect, test } from 'vitest';
import {
  FILTERS,
  KL_NETWORKS,
  LEAP_LUA_NETWORKS,
  LUA_NETWORKS,
  TINY_NETWORKS,
  UPSCALER_NETWORKS,
} from '../testing/graph/parity-cases';
import { randomTensor } from '../testing/graph/random-weights';
import { readReferences, relativeError, runOnNode } from '../testing/graph/run-on-node';
import { readLuaConfig } from './index';

/** fp32 on Node's CPU against PyTorch and diffusers, in units of max |reference|. */
const TOLERANCE = 1e-4;

describe.each([
  ...LUA_NETWORKS,
  ...LEAP_LUA_NETWORKS,
  ...UPSCALER_NETWORKS,
  ...TINY_NETWORKS,
  ...KL_NETWORKS,
  ...FILTERS,
])('$name', (network) => {
  const weights = network.weights();

  test.each(network.keys)('%s equals PyTorch', { timeout: 180_000 }, async (key) => {
    const graph = network.build(key, weights, 'fp32');
    const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
    expect(relativeError(output, network.reference(key))).toBeLessThan(TOLERANCE);
  });
});

test.each(LUA_NETWORKS)('the configuration of $name is read from its weights', ({ name, weights }) => {
  expect(readLuaConfig([weights().file])).toEqual(readReferences(name).config);
});
