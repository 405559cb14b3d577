import { describe, expect, test } from 'vitest';
import { klShapes, narrowKl } from '../../testing/graph/kl-shapes';
import { makeWeights, randomTensor } from '../../testing/graph/random-weights';
import { relativeError, runOnNode } from '../../testing/graph/run-on-node';
import { buildKlDecoder, buildKlEncoder, overlapOf } from '..';
import { type LoadedWeights, packWeights } from '../onnx/pack-weights';

const size = { height: 4, width: 6, precision: 'fp32' } as const;

describe('layouts', () => {
  const shapes = klShapes(narrowKl());
  const renamed = (change: (name: string) => string): LoadedWeights => {
    const { file, bytes } = makeWeights(shapes);
    const entries = new Map([...file.header.entries].map(([name, entry]) => [change(name), entry]));
    return { file: { ...file, header: { ...file.header, entries } }, bytes };
  };
  const oldNames = (name: string): string =>
    name
      .replace('to_out.0', 'proj_attn')
      .replace('to_q', 'query')
      .replace('to_k', 'key')
      .replace('to_v', 'value');

  test.each([
    ['inside a checkpoint of its own pipeline', renamed((name) => `vae.${name}`)],
    ['inside a Stable Diffusion checkpoint', renamed((name) => `first_stage_model.${name}`)],
    ["with diffusers' old attention names", renamed(oldNames)],
    [
      'with the quant convolution inside the decoder',
      renamed((name) => name.replace(/^post_q/, 'decoder.post_q')),
    ],
  ])('a decoder %s is found', async (_, weights) => {
    expect(await decode(weights)).toEqual(await decode(makeWeights(shapes)));
  });

  test('an autoencoder without attention runs', async () => {
    const bare = Object.fromEntries(Object.entries(shapes).filter(([name]) => !name.includes('attention')));
    expect((await decode(makeWeights(bare))).every(Number.isFinite)).toBe(true);
  });

  test('anything else is refused', () => {
    const other = packWeights([{ name: 'x', shape: [1], dtype: 'F32', bytes: new Uint8Array(4) }]);
    expect(() => buildKlDecoder({ weights: [other.file], ...size })).toThrow('no full decoder');
    expect(() => buildKlEncoder({ weights: [other.file], ...size })).toThrow('no full encoder');
  });
});

test('attention over many positions is computed in parts', async () => {
  const weights = makeWeights(klShapes(narrowKl()));
  const graph = buildKlDecoder({ weights: [weights.file], height: 96, width: 96, precision: 'fp32' });
  // 9216 positions: their scores in one tensor would be 340 MB.
  const scores = 9216 ** 2 * 4;
  expect(graph.largestTensorBytes).toBeLessThan(scores / 2);
});

test('a 1x1 latent is decoded', async () => {
  const weights = makeWeights(klShapes(narrowKl()));
  const graph = buildKlDecoder({ weights: [weights.file], height: 1, width: 1, precision: 'fp32' });
  const output = await runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
  expect(output.length).toBe(3 * 64);
  expect(output.every(Number.isFinite)).toBe(true);
});

test('odd FLUX.2 latents are refused, and no finite halo is enough', () => {
  const { file } = makeWeights(klShapes(narrowKl({ channels: 32, batchNorm: true })));
  expect(() => buildKlDecoder({ weights: [file], ...size, height: 5 })).toThrow('even sides');
  expect(overlapOf('kl-decoder', [file])).toBeNull();
});

test('fp16 holds where the residual stream does', async () => {
  const weights = makeWeights(klShapes(narrowKl()));
  const [wide, half] = [await decode(weights), await decode(weights, 'fp16')];
  expect(relativeError(half, wide)).toBeLessThan(1e-2);
});

function decode(weights: LoadedWeights, precision: 'fp16' | 'fp32' = 'fp32'): Promise<Float32Array> {
  const graph = buildKlDecoder({ weights: [weights.file], ...size, precision });
  return runOnNode(graph, randomTensor('input', graph.input.shape), [weights]);
}
