import { describe, expect, test } from 'vitest';
import { buildBicubic, buildGraph, buildLua, readLuaConfig } from './index';
import { readReferences, relativeError, runOnNode } from './test-run';
import { leapDecoderShapes, leapEncoderShapes, luaShapes, taesdShapes } from './test-shapes';
import { makeWeights, randomTensor } from './test-weights';
import type { LuaConfig } from './types';

/** fp32 against PyTorch, in units of max |reference|. */
const TOLERANCE = 1e-4;

const caseOf = (key: string): { scale: number; height: number; width: number } => {
  const [, scale, height, width] = /^(?:x(\d+)_)?(\d+)x(\d+)$/.exec(key)!;
  return { scale: Number(scale ?? 1), height: Number(height), width: Number(width) };
};

describe.each(['lua-small', 'lua-small-skip', 'lua-plain', 'lua-direct', 'lua-full'])('%s', (name) => {
  const { tensors, config } = readReferences(name);
  const metadata = { latent_leap: JSON.stringify({ kind: 'lua', config }) };
  const weights = makeWeights(luaShapes(config as LuaConfig), { metadata });

  test('the configuration is read from the weights', () => {
    expect(readLuaConfig([weights.file])).toEqual(config);
  });

  test.each([...tensors.keys()])('%s equals PyTorch', async (key) => {
    const graph = buildLua({
      config: config as LuaConfig,
      weights: [weights.file],
      precision: 'fp32',
      ...caseOf(key),
    });
    const input = randomTensor('input', graph.input.shape);
    const output = await runOnNode(graph, input, [weights]);
    expect(relativeError(output, tensors.get(key)!)).toBeLessThan(TOLERANCE);
  });
});

const AUTOENCODERS = [
  { name: 'taesd-decoder', shapes: taesdShapes('decoder', 4, false), unit: 1 },
  { name: 'taesd-decoder-pooled', shapes: taesdShapes('decoder', 32, true), unit: 1 },
  { name: 'taesd-encoder', shapes: taesdShapes('encoder', 4, false), unit: 8 },
  { name: 'taesd-encoder-pooled', shapes: taesdShapes('encoder', 32, true), unit: 8 },
  {
    name: 'leap-decoder',
    shapes: leapDecoderShapes({
      kind: 'decoder',
      channels: 16,
      widths: [24, 16, 12],
      blocks: [2, 1, 3],
      clamp: 3,
    }),
    unit: 1,
  },
  {
    name: 'leap-encoder',
    shapes: leapEncoderShapes({ kind: 'encoder', channels: 16, widths: [12, 16, 24], blocks: [1, 2, 2] }),
    unit: 8,
  },
];

describe.each(AUTOENCODERS)('$name', ({ name, shapes, unit }) => {
  const { tensors } = readReferences(name);
  const weights = makeWeights(shapes);

  test.each([...tensors.keys()])('%s equals PyTorch', async (key) => {
    const { height, width } = caseOf(key);
    const graph = buildGraph(name.replace('-pooled', '') as Parameters<typeof buildGraph>[0], {
      weights: [weights.file],
      height: height * unit,
      width: width * unit,
      precision: 'fp32',
    });
    const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
    expect(relativeError(output, tensors.get(key)!)).toBeLessThan(TOLERANCE);
  });
});

describe('bicubic', () => {
  const { tensors } = readReferences('bicubic');

  test.each([...tensors.keys()])('%s equals torch.interpolate', async (key) => {
    const graph = buildBicubic({ channels: 3, ...caseOf(key) });
    const output = await runOnNode(graph, randomTensor('input', graph.input.shape));
    expect(relativeError(output, tensors.get(key)!)).toBeLessThan(1e-5);
  });
});
