import { expect, test } from 'vitest';
import { type LeapLuaShape, leapLuaShapes } from '../../testing/graph/network-shapes';
import type { WeightsFile } from '..';
import { buildGraph, overlapOf } from '..';
import { readLeapLuaConfig } from './leap-lua-config';

const SHAPE: LeapLuaShape = {
  in_chans: 16,
  widths: [96, 80, 64],
  stem: 3,
  groups: 3,
  heads: 3,
  window_size: 8,
  mlp_ratio: 2,
  middle: 3,
  tail: 2,
};

test('counts come from names and shapes, the rest from the metadata', () => {
  const config = { clamp: 2, skip: 'none', residual_bound: null };
  expect(readLeapLuaConfig([headerOf({ kind: 'lua', config })])).toEqual({
    layout: 'leap',
    in_chans: 16,
    stem: 3,
    middle: 3,
    tail: 2,
    depths: [2, 2, 2],
    heads: [3, 3, 3],
    window_size: 8,
    scales: [2, 4],
    toned: false,
    ...config,
  });
});

test('without metadata it ends as it is trained', () => {
  expect(readLeapLuaConfig([headerOf()])).toMatchObject({ clamp: 3, skip: 'bicubic', residual_bound: 4 });
});

test.each([
  ['a clamp of zero', { clamp: 0, skip: 'none', residual_bound: null }, 'clamp'],
  ['an unknown skip', { clamp: 3, skip: 'linear', residual_bound: null }, 'skip'],
])('refuses metadata with %s', (_, config, says) => {
  expect(() => readLeapLuaConfig([headerOf({ kind: 'lua', config })])).toThrow(says);
});

test('has heads for x2 and x4 only, and needs to be told which', () => {
  const size = { weights: [headerOf()], height: 8, width: 8, precision: 'fp32' as const };
  expect(() => buildGraph('leap-lua', { ...size, scale: 3 })).toThrow('no head for x3');
  expect(() => buildGraph('leap-lua', size)).toThrow('needs a scale');
});

test('with a tone it must see the whole latent first', () => {
  const toned = headerOf(undefined, { ...SHAPE, in_chans: 32, toned: true });
  expect(readLeapLuaConfig([toned]).toned).toBe(true);
  expect(overlapOf('leap-lua', [toned])).toBeNull();
  expect(overlapOf('leap-lua', [toned], 'pixels')).toEqual(overlapOf('leap-lua', [headerOf()]));
});

function headerOf(record?: object, shape = SHAPE): WeightsFile {
  const entries = Object.entries(leapLuaShapes(shape)).map(
    ([name, shape]) => [name, { name, shape, dtype: 'F32' as const, begin: 0, end: 4 }] as const,
  );
  const metadata = record ? { latent_leap: JSON.stringify(record) } : {};
  return { path: 'lua.safetensors', header: { entries: new Map(entries), metadata, dataStart: 0 } };
}
