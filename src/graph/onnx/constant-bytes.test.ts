import { expect, it } from 'vitest';
import { makeWeights } from '../../testing/graph/random-weights';
import { GraphBuilder } from './graph-builder';
import { ElementType } from './onnx-proto';
import { add, gather, reshape } from './ops';
import { WeightsTable } from './weights-table';

const { file } = makeWeights({ table: [4] });
const open = () => new GraphBuilder(new WeightsTable([file]), 'fp32');
const build = (b: GraphBuilder, ...more: ReturnType<typeof gather>[]) => {
  const input = b.input([1, 1, 10, 10]);
  return b.finish(
    more.reduce((sum, one) => add(b, sum, one), input),
    'test',
  ).constantBytes;
};
/** 100 values of float32 that the runtime gathers from a table of four. */
const bias = (b: GraphBuilder, first: number) => {
  const places = b.integers(
    Array.from({ length: 100 }, (_, i) => (i + first) % 4),
    [100],
    'int32',
  );
  return reshape(b, gather(b, b.weight('table', { type: ElementType.float32 }), places, 0), [1, 1, 10, 10]);
};

it('counts what the runtime works out of weights and keeps, but not the weights', () => {
  const b = open();
  expect(build(b, bias(b, 0))).toBe(100 * 4 - 4 * 4);
});

it('counts each once, however often it is used', () => {
  const b = open();
  const one = bias(b, 0);
  expect(build(b, one, one, bias(b, 1))).toBe(2 * (100 * 4 - 4 * 4));
});

it('does not count weights as they are, nor what is used for another constant only', () => {
  const b = open();
  const sum = add(b, bias(b, 0), bias(b, 1));
  expect(build(b, sum)).toBe(100 * 4 - 2 * 4 * 4);
  const plain = open();
  expect(build(plain, gather(plain, plain.weight('table'), plain.integers([0]), 0))).toBe(0);
});
