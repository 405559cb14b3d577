import { expect, test } from 'vitest';
import { buildLeapDecoder } from '../../src/graph/index';
import { encodeModel, type OnnxNode } from '../../src/graph/onnx/onnx-proto';
import { leapDecoderShapes } from '../../src/testing/graph/network-shapes';
import { makeWeights } from '../../src/testing/graph/random-weights';
import { readOnnxCost } from './read-onnx-cost';

const conv = (name: string, input: string, strides = [1, 1]): OnnxNode => ({
  name,
  opType: 'Conv',
  input: [input, `${name}.weight`],
  output: [name],
  attributes: { strides },
});

function model(nodes: OnnxNode[]): Uint8Array {
  return encodeModel({
    graphName: 'test',
    opsets: [{ domain: '', version: 20 }],
    nodes,
    initializers: [
      { name: 'a.weight', type: 1, shape: [8, 3, 3, 3], data: new Uint8Array(8 * 27 * 4) },
      { name: 'b.weight', type: 1, shape: [12, 8, 1, 1], data: new Uint8Array(12 * 8 * 4) },
    ],
    inputs: [{ name: 'picture', type: 1, shape: [1, 3, 8, 8] }],
    outputs: [{ name: 'b', type: 1, shape: [1, 12, 8, 8] }],
    metadata: {},
  });
}

test('counts the convolutions of a network at one size', () => {
  expect(readOnnxCost(model([conv('a', 'picture'), conv('b', 'a')]))).toEqual({
    input: 'picture',
    output: 'b',
    multiplyAddsPerPosition: 8 * 27 + 12 * 8,
  });
});

test('refuses a network that changes the size on the way', () => {
  expect(() => readOnnxCost(model([conv('a', 'picture', [2, 2])]))).toThrow('not known');
  const weights = makeWeights(leapDecoderShapes({ channels: 4 }));
  const decoder = buildLeapDecoder({ weights: [weights.file], height: 4, width: 4, precision: 'fp32' });
  expect(() => readOnnxCost(decoder.model)).toThrow('not known');
});
