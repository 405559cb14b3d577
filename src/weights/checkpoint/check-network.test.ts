import { describe, expect, test } from 'vitest';
import { LeapError } from '../../errors';
import { recogniseCheckpoint } from '../../graph';
import { toOriginalNames } from '../../testing/graph/kl-shapes';
import type { Shapes } from '../../testing/graph/network-shapes';
import { SMALL_NETWORKS, tensorsOf } from '../../testing/graph/small-networks';
import { checkNetwork } from './check-network';

const part = (shapes: Shapes, prefix: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => prefix.test(name)));
const { vae, flux2Vae } = SMALL_NETWORKS;

const NETWORKS: [name: string, shapes: Shapes, metadata?: Record<string, string>][] = [
  ["the authors' LUA", SMALL_NETWORKS.lua],
  ['a plain SwinIR', SMALL_NETWORKS.swinIr],
  ['a lightweight SwinIR', SMALL_NETWORKS.lightSwinIr],
  ["TAESD's decoder", SMALL_NETWORKS.taesdDecoder],
  ["TAESD's encoder", SMALL_NETWORKS.taesdEncoder],
  ["TAEF2's decoder", SMALL_NETWORKS.taef2Decoder],
  ['a full decoder', part(vae, /^(decoder|post_quant)/)],
  ['a full encoder', part(vae, /^(encoder|quant)/)],
  ['a full decoder in the original layout', part(toOriginalNames(vae), /^(decoder|post)/)],
  ["FLUX.2's full decoder", part(flux2Vae, /^(decoder|post_quant|bn)/)],
  ['our decoder', SMALL_NETWORKS.decoder],
  ['our decoder with a tone', SMALL_NETWORKS.tonedDecoder],
  ['NNLatentUpscale', SMALL_NETWORKS.nnLatentUpscale],
  ['SD-Latent-Upscaler', SMALL_NETWORKS.sdLatentUpscaler],
  ["LSRNA's LSR", SMALL_NETWORKS.lsr],
  ['our encoder', SMALL_NETWORKS.encoder],
];

/** What `add` does with the header of such a file. */
function check(shapes: Shapes, metadata: Record<string, string> = {}): void {
  const tensors = tensorsOf(shapes);
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
