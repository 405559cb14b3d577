import { describe, expect, test } from 'vitest';
import { luaShapes, RELEASED_LUA, SMALL_LUA } from '../../testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../../testing/graph/random-weights';
import { runOnNode } from '../../testing/graph/run-on-node';
import type { WeightsFile } from '..';
import { buildLua, readLuaConfig } from '..';
import { packWeights } from '../onnx/pack-weights';
import type { LuaConfig } from '../types';

const SMALL: LuaConfig = {
  ...SMALL_LUA,
  in_chans: 4,
  embed_dim: 12,
  depths: [2, 1],
  num_heads: [2, 3],
  window_size: 4,
  mlp_ratio: 3,
  head_width: 8,
  refine: 2,
};
const six = (value: number): number[] => Array(6).fill(value);
const CLASSICAL: LuaConfig = {
  ...RELEASED_LUA,
  in_chans: 3,
  embed_dim: 180,
  num_heads: six(6),
  window_size: 8,
  head_width: 64,
  scales: [2],
  upsampler: 'pixelshuffle',
};
const LIGHTWEIGHT: LuaConfig = {
  ...CLASSICAL,
  embed_dim: 60,
  depths: [6, 6, 6, 6],
  num_heads: [6, 6, 6, 6],
  head_width: 60,
  upsampler: 'pixelshuffledirect',
};

describe('readLuaConfig', () => {
  test.each([
    ['multi-head with refinement', SMALL],
    ['the released layout', RELEASED_LUA],
    ['classical SwinIR', CLASSICAL],
    ['classical SwinIR x4', { ...CLASSICAL, scales: [4] }],
    ['classical SwinIR x3', { ...CLASSICAL, scales: [3] }],
    ['lightweight SwinIR', LIGHTWEIGHT],
    ['lightweight SwinIR x4', { ...LIGHTWEIGHT, scales: [4] }],
  ])('infers %s from names and shapes', (_, config) => {
    expect(readLuaConfig([headerOf(config)])).toEqual(config);
  });

  test('prefers the averaged weights of a training checkpoint', () => {
    const { entries } = headerOf(SMALL).header;
    const both = ['params.', 'params_ema.'].flatMap((prefix) =>
      [...entries].map(([name, entry]) => [`${prefix}${name}`, entry] as const),
    );
    const file = { path: 'lua.pth', header: { entries: new Map(both), metadata: {}, dataStart: 0 } };
    expect(readLuaConfig([file])).toEqual(SMALL);
  });

  test('takes skip and bound from the metadata', () => {
    const config = { ...SMALL, skip: 'bicubic' as const, residual_bound: 2 };
    const metadata = { latent_leap: JSON.stringify({ kind: 'lua', config }) };
    expect(readLuaConfig([headerOf(SMALL, metadata)])).toEqual(config);
  });

  test.each([
    ['no JSON', '{', 'not JSON'],
    [
      'an unknown skip',
      JSON.stringify({ kind: 'lua', config: { skip: 'cubic', residual_bound: null } }),
      'skip',
    ],
    [
      'a bound of zero',
      JSON.stringify({ kind: 'lua', config: { skip: 'none', residual_bound: 0 } }),
      'residual_bound',
    ],
  ])('refuses metadata with %s', (_, text, message) => {
    expect(() => readLuaConfig([headerOf(SMALL, { latent_leap: text })])).toThrow(message);
  });

  test('says what is missing when the weights are of another network', () => {
    const other = packWeights([{ name: 'x', shape: [1], dtype: 'F32', bytes: new Uint8Array(4) }]);
    expect(() => readLuaConfig([other.file])).toThrow('conv_first.weight');
  });
});

describe('buildLua', () => {
  // Multiply-adds per latent position of the released configuration and of classical SwinIR.
  test.each([
    ['released x2', RELEASED_LUA, 2, 55.5e6],
    ['released x4', RELEASED_LUA, 4, 65.4e6],
    ['classical x2', { ...CLASSICAL, in_chans: 16 }, 2, 12.5e6],
  ])('%s costs what is published', (_, config, scale, published) => {
    const graph = build(config, scale, 64, 64);
    expect(graph.multiplyAdds / 64 ** 2 / published).toBeCloseTo(1, 1);
  });

  test('one file serves all tile sizes, and the graph stays small', () => {
    expect(build(RELEASED_LUA, 4, 128, 96).model.length).toBeLessThan(250_000);
  });

  test('the same weights give the same bytes', () => {
    expect(build(SMALL, 2, 9, 7).model).toEqual(build(SMALL, 2, 9, 7).model);
  });

  test('tensors may lie in several files', async () => {
    const shapes = Object.entries(luaShapes(SMALL));
    const isFamily = ([name]: [string, number[]]): boolean => /^conv_first|conv_last/.test(name);
    const parts = [
      makeWeights(Object.fromEntries(shapes.filter((entry) => !isFamily(entry))), { path: 'trunk' }),
      makeWeights(Object.fromEntries(shapes.filter(isFamily)), { path: 'family' }),
    ];
    const whole = makeWeights(luaShapes(SMALL));
    const size = { config: SMALL, scale: 2, height: 5, width: 9, precision: 'fp32' } as const;
    const split = buildLua({ ...size, weights: parts.map(({ file }) => file) });
    expect(split.weightPaths.toSorted()).toEqual(['family', 'trunk']);
    const input = randomTensor('input', split.input.shape);
    const joined = buildLua({ ...size, weights: [whole.file] });
    expect(await runOnNode(split, input, parts)).toEqual(await runOnNode(joined, input, [whole]));
  });

  test('another window size works, and so do sides shorter than the padding', async () => {
    const weights = makeWeights(luaShapes(SMALL));
    for (const [height, width] of [
      [4, 4],
      [1, 1],
      [2, 13],
    ] as const) {
      const graph = buildLua({
        config: SMALL,
        weights: [weights.file],
        scale: 4,
        height,
        width,
        precision: 'fp32',
      });
      const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
      expect(output.every(Number.isFinite)).toBe(true);
    }
  });

  test.each([
    ['a scale without a head', { scale: 3 }, 'no head for x3'],
    ['an empty size', { height: 0 }, 'cannot be built'],
    ['a fractional size', { width: 7.5 }, 'cannot be built'],
  ])('refuses %s', (_, change, message) => {
    const size = { scale: 2, height: 8, width: 8, ...change };
    expect(() => build(SMALL, size.scale, size.height, size.width)).toThrow(message);
  });

  test('names a tensor that is missing or misshapen', () => {
    const shapes = luaShapes(SMALL);
    const { 'norm.bias': _, ...lacking } = shapes;
    const build = (changed: Record<string, number[]>) =>
      buildLua({
        config: SMALL,
        weights: [makeWeights(changed).file],
        scale: 2,
        height: 8,
        width: 8,
        precision: 'fp32',
      });
    expect(() => build(lacking)).toThrow('lack the tensor norm.bias');
    expect(() => build({ ...shapes, 'norm.bias': [13] })).toThrow(
      'norm.bias has the shape [13], expected [12]',
    );
  });
});

function build(config: LuaConfig, scale: number, height: number, width: number) {
  return buildLua({ config, weights: [headerOf(config)], scale, height, width, precision: 'fp32' });
}

/** A header without tensor bytes, which is enough to read a configuration and to build a graph. */
function headerOf(config: LuaConfig, metadata: Record<string, string> = {}): WeightsFile {
  const entries = Object.entries(luaShapes(config)).map(
    ([name, shape]) => [name, { name, shape, dtype: 'F32' as const, begin: 0, end: 4 }] as const,
  );
  return { path: 'lua.safetensors', header: { entries: new Map(entries), metadata, dataStart: 0 } };
}
