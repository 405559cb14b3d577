import { describe, expect, test } from 'vitest';
import { type Shapes, taesdShapes } from '../../testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../../testing/graph/random-weights';
import { runOnNode } from '../../testing/graph/run-on-node';
import { buildTaesdDecoder, buildTaesdEncoder, type WeightsFile } from '..';
import { type LoadedWeights, packWeights } from '../onnx/pack-weights';

const DECODER = makeWeights(taesdShapes('decoder', 4, false));
const ENCODER = makeWeights(taesdShapes('encoder', 4, false));
const size = { height: 2, width: 3, precision: 'fp32' } as const;

const sequential = (name: string): string => name;
const prefixed = (part: string) => (name: string) => `${part}.${name}`;
/** diffusers does not count the clamp, so the indices of its decoder are one lower. */
const diffusers = (part: string) => (name: string) =>
  `${part}.layers.${name.replace(/^\d+/, (index) => `${Number(index) - (part === 'decoder' ? 1 : 0)}`)}`;

describe('key layouts', () => {
  test.each([
    ['prefixed', rename(DECODER, prefixed('decoder'))],
    ['prefixed by the taesd name', rename(DECODER, prefixed('taesd_decoder'))],
    ["diffusers'", rename(DECODER, diffusers('decoder'))],
    [
      'with the encoder beside it',
      join(rename(ENCODER, diffusers('encoder')), rename(DECODER, diffusers('decoder'))),
    ],
  ])('a decoder %s gives what the plain one gives', async (_, weights) => {
    expect(await decode(weights)).toEqual(await decode(DECODER));
  });

  test.each([
    ['prefixed', rename(ENCODER, prefixed('encoder'))],
    ["diffusers'", rename(ENCODER, diffusers('encoder'))],
    ['with the decoder beside it', join(rename(DECODER, sequential), rename(ENCODER, prefixed('encoder')))],
  ])('an encoder %s gives what the plain one gives', async (_, weights) => {
    expect(await encode(weights)).toEqual(await encode(ENCODER));
  });

  test('an encoder is not taken for a decoder', () => {
    expect(() => buildTaesdDecoder({ weights: [ENCODER.file], ...size })).toThrow('no tiny decoder');
    expect(() => buildTaesdEncoder({ weights: [DECODER.file], ...size })).toThrow('no tiny encoder');
  });
});

test('a decoder costs about 268 thousand multiply-adds per pixel', () => {
  const { multiplyAdds } = buildTaesdDecoder({
    weights: [DECODER.file],
    height: 64,
    width: 64,
    precision: 'fp32',
  });
  expect(multiplyAdds / (8 * 64) ** 2 / 268e3).toBeCloseTo(1, 1);
});

test('a block that changes the width runs its skip convolution', async () => {
  const weights = join(DECODER, makeWeights({ '18.skip.weight': [64, 64, 1, 1] } satisfies Shapes));
  expect(await decode(weights)).not.toEqual(await decode(DECODER));
});

function decode(weights: LoadedWeights): Promise<Float32Array> {
  const graph = buildTaesdDecoder({ weights: [weights.file], ...size });
  return runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
}

function encode(weights: LoadedWeights): Promise<Float32Array> {
  const graph = buildTaesdEncoder({ weights: [weights.file], height: 16, width: 24, precision: 'fp32' });
  return runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
}

function rename(weights: LoadedWeights, change: (name: string) => string): LoadedWeights {
  const entries = new Map([...weights.file.header.entries].map(([name, entry]) => [change(name), entry]));
  const file: WeightsFile = { ...weights.file, header: { ...weights.file.header, entries } };
  return { file, bytes: weights.bytes };
}

function join(...parts: LoadedWeights[]): LoadedWeights {
  return packWeights(
    parts.flatMap(({ file, bytes }) =>
      [...file.header.entries].map(([name, entry]) => ({
        ...entry,
        name,
        bytes: bytes.subarray(entry.begin, entry.end),
      })),
    ),
  );
}
