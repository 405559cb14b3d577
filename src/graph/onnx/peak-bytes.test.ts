import { expect, it } from 'vitest';
import { buildEnlargement } from '../resample';
import { peakBytes } from './peak-bytes';

const node = (opType: string, input: string[], output: string[]) => ({
  name: output[0]!,
  opType,
  input,
  output,
  attributes: {},
});

it('counts a residual block: the input stays alive until it is added', () => {
  const nodes = [
    node('Conv', ['x', 'weight'], ['a']),
    node('Relu', ['a'], ['b']),
    node('Conv', ['b', 'weight'], ['c']),
    node('Add', ['c', 'x'], ['y']),
  ];
  const sizes = new Map(['x', 'a', 'b', 'c', 'y'].map((name) => [name, 10]));
  expect(peakBytes(nodes, sizes, new Set())).toBe(30);
});

it('counts a reshaped tensor once, and keeps it alive under either name', () => {
  const nodes = [
    node('Reshape', ['x'], ['flat']),
    node('Relu', ['flat'], ['a']),
    node('Add', ['a', 'flat'], ['y']),
  ];
  const sizes = new Map(['x', 'flat', 'a', 'y'].map((name) => [name, 10]));
  expect(peakBytes(nodes, sizes, new Set(['Reshape']))).toBe(30);
});

it('is part of every graph', () => {
  const graph = buildEnlargement({ channels: 4, height: 8, width: 8, scale: 2, filter: 'bicubic' });
  expect(graph.peakBytes).toBeGreaterThanOrEqual(4 * 16 * 16 * 4 + 4 * 8 * 8 * 4);
});
