import { isWhole } from '../../factor';
import {
  type Architecture,
  buildEnlargement,
  buildGraph,
  buildLua,
  type GraphOptions,
  type StepList,
  stepsOf,
} from '../../graph';
import { type LoadedWeights, packWeights } from '../../graph/onnx/pack-weights';
import type { BuiltGraph, LuaConfig, Precision } from '../../graph/types';
import { fullKl, klShapes, toOriginalNames } from './kl-shapes';
import {
  type DecoderShape,
  type LeapLuaShape,
  leapDecoderShapes,
  leapEncoderShapes,
  leapLuaShapes,
  luaShapes,
  type Shapes,
  taesdShapes,
} from './network-shapes';
import { makeWeights } from './random-weights';
import { readReferences } from './run-on-node';
import { lsrShapes, nnLatentUpscaleShapes, sdLatentUpscalerShapes } from './upscaler-shapes';

/** A network with PyTorch's outputs for it, in src/graph/__references__. */
export interface ParityNetwork {
  name: string;
  /** Sizes and scales, for example `x2_8x8` or `decode_6x4`. */
  keys: string[];
  /** Random weights, made when they are asked for: some are 340 MB. */
  weights(): LoadedWeights;
  build(key: string, weights: LoadedWeights, precision: Precision): BuiltGraph;
  /** The steps of a network that can run in pieces, at a size that can. */
  steps?(key: string, weights: LoadedWeights): StepList | undefined;
  reference(key: string): Float32Array;
}

const SD = fullKl();
const FLUX2 = fullKl({ channels: 32, batchNorm: true });

export const LUA_NETWORKS = ['lua-small', 'lua-small-skip', 'lua-plain', 'lua-direct', 'lua-full'].map(
  luaNetwork,
);

export const LEAP_LUA_NETWORKS = ['leap-lua', 'leap-lua-toned', 'leap-lua-full'].map(leapLuaNetwork);

/** Other people's, at the size that they are published in. */
export const UPSCALER_NETWORKS = [
  upscaler('nn-latent-upscale', nnLatentUpscaleShapes()),
  upscaler('sd-latent-upscaler', sdLatentUpscalerShapes()),
  upscaler('lsr', lsrShapes()),
];

/** As in training/references/make_references.py. */
const LEAP: Omit<DecoderShape, 'channels'> = { widths: [24, 16, 12], blocks: [2, 1, 3] };
const LEAP_ENCODER = { widths: [12, 16, 24], blocks: [1, 2, 2] };

export const TINY_NETWORKS = [
  autoencoder('taesd-decoder', taesdShapes('decoder', 4, false)),
  autoencoder('taesd-decoder-pooled', taesdShapes('decoder', 32, true)),
  autoencoder('taesd-encoder', taesdShapes('encoder', 4, false)),
  autoencoder('taesd-encoder-pooled', taesdShapes('encoder', 32, true)),
  autoencoder('leap-decoder', leapDecoderShapes({ ...LEAP, channels: 16 })),
  autoencoder('leap-decoder-toned', leapDecoderShapes({ ...LEAP, channels: 32, toned: true })),
  autoencoder('leap-encoder', leapEncoderShapes({ ...LEAP_ENCODER, channels: 16 })),
  autoencoder('leap-encoder-toned', leapEncoderShapes({ ...LEAP_ENCODER, channels: 32, toned: true })),
];

export const KL_NETWORKS = [
  autoencoder('kl-sd', klShapes(SD)),
  autoencoder('kl-original', toOriginalNames(klShapes(SD))),
  autoencoder('kl-flux1', klShapes({ ...SD, channels: 16, quantConv: false })),
  autoencoder('kl-flux2', klShapes(FLUX2)),
  autoencoder('kl-flux2-small', klShapes({ ...FLUX2, decoderWidths: [96, 192, 384, 384] })),
];

/** Bicubic as PyTorch has it, Lanczos as Pillow has it. */
export const FILTERS = (['bicubic', 'lanczos'] as const).map(
  (filter): ParityNetwork => ({
    ...references(filter),
    weights: () => packWeights([]),
    build: (key) => buildEnlargement({ channels: 3, filter, ...sizeOf(key) }),
  }),
);

function luaNetwork(name: string): ParityNetwork {
  const config = readReferences(name).config as LuaConfig;
  const metadata = { latent_leap: JSON.stringify({ kind: 'lua', config }) };
  return {
    ...references(name),
    weights: () => makeWeights(luaShapes(config), { metadata }),
    build: (key, { file }, precision) => buildLua({ config, weights: [file], precision, ...sizeOf(key) }),
  };
}

function leapLuaNetwork(name: string): ParityNetwork {
  const config = readReferences(name).config as LeapLuaShape;
  const metadata = { latent_leap: JSON.stringify({ kind: 'lua', config }) };
  return {
    ...references(name),
    weights: () => makeWeights(leapLuaShapes({ ...config, toned: name.endsWith('toned') }), { metadata }),
    build: (key, { file }, precision) =>
      buildGraph('leap-lua', { weights: [file], precision, ...sizeOf(key) }),
  };
}

function upscaler(name: Architecture, shapes: Shapes): ParityNetwork {
  return {
    ...references(name),
    weights: () => makeWeights(shapes),
    build: (key, { file }, precision) => buildGraph(name, { weights: [file], precision, ...sizeOf(key) }),
    steps(key, { file }) {
      const { scale, height, width } = sizeOf(key);
      return isWhole(scale * height) && isWhole(scale * width) ? stepsOf(name, [file], scale) : undefined;
    },
  };
}

/** The architecture is the first two words of the name; a full autoencoder's direction is in the key. */
function autoencoder(name: string, shapes: Shapes): ParityNetwork {
  return {
    ...references(name),
    weights: () => makeWeights(shapes),
    build(key, { file }, precision) {
      const encoder = name.includes('encoder') || key.startsWith('encode');
      const kind = /^(taesd|leap|kl)/.exec(name)![1] as 'taesd' | 'leap' | 'kl';
      const { height, width } = sizeOf(key);
      const unit = encoder ? 8 : 1;
      const options: GraphOptions = {
        weights: [file],
        height: height * unit,
        width: width * unit,
        precision,
      };
      return buildGraph(`${kind}-${encoder ? 'encoder' : 'decoder'}`, options);
    },
    steps(key, { file }) {
      if (!name.startsWith('kl')) return undefined;
      return stepsOf(key.startsWith('encode') ? 'kl-encoder' : 'kl-decoder', [file]);
    },
  };
}

function references(name: string): Pick<ParityNetwork, 'name' | 'keys' | 'reference'> {
  const { tensors } = readReferences(name);
  return { name, keys: [...tensors.keys()], reference: (key) => tensors.get(key)! };
}

/** Latent positions and scale from a key. */
function sizeOf(key: string): { scale: number; height: number; width: number } {
  const [, scale, height, width] = /^(?:x([\d.]+)_|[a-z]+_)?(\d+)x(\d+)$/.exec(key)!;
  return { scale: Number(scale ?? 1), height: Number(height), width: Number(width) };
}
