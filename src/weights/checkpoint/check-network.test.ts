import { describe, expect, test } from 'vitest';
import { LeapError } from '../../errors';
import { recogniseCheckpoint } from '../../graph';
import { klShapes, narrowKl, toOriginalNames } from '../../testing/graph/kl-shapes';
import {
  leapDecoderShapes,
  leapEncoderShapes,
  luaShapes,
  type Shapes,
  SMALL_LUA,
  taesdShapes,
} from '../../testing/graph/network-shapes';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../testing/graph/upscaler-shapes';
import { checkNetwork } from './check-network';

const part = (shapes: Shapes, prefix: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => prefix.test(name)));
const FLUX2 = klShapes(narrowKl({ channels: 32, batchNorm: true }));

const NETWORKS: [name: string, shapes: Shapes, metadata?: Record<string, string>][] = [
  ["the authors' LUA", luaShapes(SMALL_LUA)],
  ['a plain SwinIR', luaShapes({ ...SMALL_LUA, upsampler: 'pixelshuffle', scales: [4] })],
  ['a lightweight SwinIR', luaShapes({ ...SMALL_LUA, upsampler: 'pixelshuffledirect', scales: [2] })],
  ["TAESD's decoder", taesdShapes('decoder', 4, false)],
  ["TAESD's encoder", taesdShapes('encoder', 16, false)],
  ["TAEF2's decoder", taesdShapes('decoder', 32, true)],
  ['a full decoder', part(klShapes(narrowKl()), /^(decoder|post_quant)/)],
  ['a full encoder', part(klShapes(narrowKl()), /^(encoder|quant)/)],
  ['a full decoder in the original layout', part(toOriginalNames(klShapes(narrowKl())), /^(decoder|post)/)],
  ["FLUX.2's full decoder", part(FLUX2, /^(decoder|post_quant|bn)/)],
  ['our decoder', leapDecoderShapes({ channels: 16 })],
  ['our decoder with a tone', leapDecoderShapes({ channels: 32, toned: true })],
  ['NNLatentUpscale', nnLatentUpscaleShapes({ width: 32, blocks: 2 })],
  ['SD-Latent-Upscaler', sdLatentUpscalerShapes({ width: 8 })],
  ["LSRNA's LSR", lsrShapes({ width: 12, depths: [2], heads: 2, features: 8, hidden: 16 })],
  ['our encoder', leapEncoderShapes({ kind: 'encoder', channels: 4, widths: [8, 8, 8], blocks: [1, 1, 1] })],
];

/** What `add` does with the header of such a file. */
function check(shapes: Shapes, metadata: Record<string, string> = {}): void {
  const tensors = Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: 'F32' as const }));
  for (const network of recogniseCheckpoint(tensors, metadata)) {
    checkNetwork(tensors, metadata, network, network.families[0]!);
  }
}

/** Why the file is refused; undefined when it is not. */
function refusal(shapes: Shapes, metadata?: Record<string, string>): unknown {
  try {
    check(shapes, metadata);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

function expectRefused(what: string, shapes: Shapes, metadata?: Record<string, string>): void {
  const thrown = refusal(shapes, metadata);
  expect(thrown, what).toBeInstanceOf(LeapError);
  expect(['bad-weights', 'unsupported'], what).toContain((thrown as LeapError).code);
}

describe.each(NETWORKS)('%s', (_, shapes, metadata) => {
  test('is accepted when it is whole', () => {
    expect(refusal(shapes, metadata)).toBeUndefined();
  });

  test('is refused when any of its tensors is missing', () => {
    for (const name of Object.keys(shapes)) {
      const { [name]: _, ...rest } = shapes;
      expectRefused(`without ${name}`, rest, metadata);
    }
  });

  test('is refused when any of its tensors has another shape', () => {
    for (const [name, shape] of Object.entries(shapes)) {
      const wrong = [shape.with(0, shape[0]! + 1), shape.with(0, 1), [...shape, 1]];
      if (shape.length > 1) wrong.push(shape.with(1, shape[1]! + 1), shape.slice(1));
      for (const other of wrong.filter((one) => `${one}` !== `${shape}`)) {
        expectRefused(`${name} [${other}]`, { ...shapes, [name]: other }, metadata);
      }
    }
  });

  test('is refused when a tensor is not of floats', () => {
    const tensors = Object.entries(shapes).map(([name, shape], i) => ({
      name,
      shape,
      dtype: i === 0 ? ('I64' as const) : ('F32' as const),
    }));
    const [network] = recogniseCheckpoint(tensors, metadata);
    expect(() => checkNetwork(tensors, metadata ?? {}, network!, network!.families[0]!)).toThrow(/I64/);
  });
});
