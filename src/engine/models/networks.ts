import { defined } from '../../defined';
import { LeapError } from '../../errors';
import {
  buildEnlargement,
  buildGraph,
  enlargerFacts,
  FILTER_REACH,
  type Filter,
  overlapOf,
  stepsOf,
} from '../../graph';
import type { NetworkPart } from '../../graph/types';
import { FAMILIES } from '../../latent';
import type { FamilyId, Space } from '../../latent/types';
import { type Affine, IDENTITY } from '../device/runtime';
import type { Network } from '../network';
import { splitNetwork } from '../split/split-network';
import { alignToScale } from '../tiles/fraction';
import type { LoadedModel } from './load-model';

const NO_WEIGHTS: ReadonlyMap<string, Uint8Array> = new Map();

const RGB = 3;

/** An enlargement that needs no weights, of latents or of pictures. */
export function filterNetwork(filter: Filter, channels: number, scale: number): Network {
  return {
    key: `${filter} ${channels} x${scale}`,
    scale,
    channels,
    overlap: alignToScale({ halo: FILTER_REACH[filter], fade: 0, align: 1 }, scale),
    affineIn: IDENTITY,
    affineOut: IDENTITY,
    weights: NO_WEIGHTS,
    build: (height, width) => buildEnlargement({ channels, height, width, scale, filter }),
  };
}

/** A LUA, or another latent upscaler. Some must see everything at once, or a first part of them must. */
export function upscalerNetwork(model: LoadedModel, family: FamilyId, scale: number): Network {
  const { architecture, space } = model.entry;
  const { files, weights } = model;
  const { affineIn, affineOut } = affinesFor(family, space);
  const whole = overlapOf(architecture, files);
  const rest = whole ? null : overlapOf(architecture, files, 'pixels');
  const overlap = whole ?? rest;
  const network: Network = {
    ...splitOf(model, affineIn, scale),
    key: `${keyOf(model)} x${scale}`,
    scale,
    channels: FAMILIES[family].channels,
    overlap: overlap && alignToScale(overlap, scale),
    affineIn,
    affineOut,
    weights,
    build: builderOf(model, rest ? 'pixels' : 'whole', scale),
  };
  if (!rest) return network;
  return { ...network, affineIn: IDENTITY, before: wholePart(model, affineIn, IDENTITY, scale) };
}

/** Builds the graphs of a part of a network. @param scale of an upscaler */
function builderOf(model: LoadedModel, part: NetworkPart, scale?: number): Network['build'] {
  return (height, width, precision) =>
    buildGraph(model.entry.architecture, {
      weights: model.files,
      ...defined({ scale }),
      height,
      width,
      precision,
      part,
    });
}

/** The part of a network that sees everything at once, where the rest can be tiled. @param scale of an upscaler */
function wholePart(model: LoadedModel, affineIn: Affine, affineOut: Affine, scale?: number): Network {
  const build = builderOf(model, 'latent', scale);
  return {
    key: `${keyOf(model)} latent`,
    scale: 1,
    channels: build(1, 1, 'fp32').output.shape[1],
    overlap: null,
    affineIn,
    affineOut,
    weights: model.weights,
    build,
  };
}

export function decoderNetwork(model: LoadedModel, family: FamilyId): Network {
  const { architecture } = model.entry;
  const overlap = overlapOf(architecture, model.files);
  const { affineIn } = affinesFor(family, model.entry.space);
  const { split } = splitOf(model, affineIn);
  if (!overlap && !split) return pooledDecoderNetwork(model, family);
  return {
    ...defined({ split }),
    key: keyOf(model),
    scale: FAMILIES[family].stride,
    channels: 3,
    overlap,
    affineIn,
    affineOut: IDENTITY,
    weights: model.weights,
    build: builderOf(model, 'whole'),
  };
}

/** The way in pieces of a network that sees everything at once, where there is one. @param scale of an upscaler */
function splitOf(model: LoadedModel, affineIn: Affine, scale?: number): Pick<Network, 'split'> {
  const { entry, files, weights } = model;
  const steps = stepsOf(entry.architecture, files, scale);
  const key = scale === undefined ? keyOf(model) : `${keyOf(model)} x${scale}`;
  return defined({ split: steps && splitNetwork(key, { steps, weights, affineIn }) });
}

/**
 * TAEF2's blocks at the latent's resolution pool statistics of the whole, our decoder for FLUX.2 begins with such;
 * what follows can be tiled exactly.
 */
function pooledDecoderNetwork(model: LoadedModel, family: FamilyId): Network {
  const { entry, files, weights } = model;
  return {
    key: `${keyOf(model)} pixels`,
    scale: FAMILIES[family].stride,
    channels: 3,
    overlap: overlapOf(entry.architecture, files, 'pixels'),
    affineIn: IDENTITY,
    affineOut: IDENTITY,
    weights,
    before: wholePart(model, affinesFor(family, entry.space).affineIn, IDENTITY),
    build: builderOf(model, 'pixels'),
  };
}

/**
 * Picture to latent: `scale` is 1/8, and positions are pixels. TAEF2's blocks at the latent's resolution pool statistics
 * of the whole, and our encoder for FLUX.2 ends with such; what comes before can be tiled exactly.
 */
export function encoderNetwork(model: LoadedModel, family: FamilyId): Network {
  const { entry, files, weights } = model;
  const { stride, channels } = FAMILIES[family];
  const whole = overlapOf(entry.architecture, files);
  const split = splitOf(model, IDENTITY);
  const inParts = !whole && !split.split;
  const overlap = inParts ? overlapOf(entry.architecture, files, 'pixels') : whole;
  const { affineOut } = affinesFor(family, entry.space);
  const network: Network = {
    ...split,
    key: inParts ? `${keyOf(model)} pixels` : keyOf(model),
    scale: 1 / stride,
    channels,
    overlap: overlap && { halo: overlap.halo * stride, fade: 0, align: stride },
    affineIn: IDENTITY,
    affineOut,
    weights,
    build: builderOf(model, inParts ? 'pixels' : 'whole'),
  };
  if (!inParts) return network;
  const features = network.build(stride, stride, 'fp32').output.shape[1];
  const after = wholePart(model, IDENTITY, affineOut);
  return { ...network, channels: features, affineOut: IDENTITY, after };
}

/** An entry of the same id may have other files by now. */
function keyOf({ entry, version }: LoadedModel): string {
  return `${entry.id} ${version ?? ''}`;
}

/** An upscaler of pictures that came as an ONNX file: RGB about [0, 1] in and out. */
export function enlargerNetwork(model: LoadedModel, scale: number): Network {
  const { files, weights } = model;
  const { architecture } = model.entry;
  const { edge } = enlargerFacts(files);
  return {
    key: `${keyOf(model)} x${scale}`,
    scale,
    channels: RGB,
    overlap: overlapOf(architecture, files),
    ...defined({ edge }),
    affineIn: IDENTITY,
    affineOut: IDENTITY,
    weights,
    build: (height, width, precision) =>
      buildGraph(architecture, { weights: files, bytes: weights, scale, height, width, precision }),
  };
}

/** decoder space = model space / scale + shift. */
function affinesFor(family: FamilyId, space: Space): { affineIn: Affine; affineOut: Affine } {
  const { scale, shift, batchNorm } = FAMILIES[family];
  if (space === 'model') return { affineIn: IDENTITY, affineOut: IDENTITY };
  if (batchNorm) {
    throw new LeapError('unsupported', `Models in the decoder space of ${family} are not supported.`, {
      family,
    });
  }
  return { affineIn: { scale: 1 / scale, shift }, affineOut: { scale, shift: -shift * scale } };
}
