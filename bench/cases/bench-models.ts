import { loadModel, readWeights } from '../../src/engine/models/load-model';
import type { Architecture } from '../../src/graph/index';
import type { WeightsFile } from '../../src/graph/types';
import { FAMILIES } from '../../src/latent/families';
import type { FamilyId } from '../../src/latent/types';
import {
  type LeapLuaShape,
  leapDecoderShapes,
  leapLuaShapes,
  luaShapes,
  RELEASED_LUA,
  type Shapes,
} from '../../src/testing/graph/network-shapes';
import { makeWeights } from '../../src/testing/graph/random-weights';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../src/testing/graph/upscaler-shapes';
import type { ModelKind, WeightsSource } from '../../src/weights/types';

export interface BenchModel {
  label: string;
  architecture: Architecture;
  files: WeightsFile[];
  weights: ReadonlyMap<string, Uint8Array>;
}

/** The networks that are measured. */
export interface BenchModels {
  lua: BenchModel;
  decoder: BenchModel;
}

const RGB = 3;
const DECODER = { kind: 'decoder' as const, widths: [96, 80, 32], blocks: [3, 3, 2], clamp: 3 };
const LUA: Omit<LeapLuaShape, 'in_chans'> = {
  ...{ widths: [96, 80, 64], stem: 3, groups: 3, heads: 3 },
  ...{ window_size: 8, mlp_ratio: 2, middle: 3, tail: 2 },
};

/** The embedded models of a family; without a source, networks of the same build with random weights. */
export async function openBenchModels(
  source: WeightsSource | undefined,
  family: FamilyId,
): Promise<BenchModels> {
  if (!source) return makeRandomModels(FAMILIES[family].channels);
  const find = async (kind: ModelKind): Promise<BenchModel> => {
    const entry = source.catalog.models.find((model) => model.kind === kind && model.family === family);
    if (!entry) throw new Error(`The catalogue has no ${kind} for ${family}.`);
    const { files, weights } = await loadModel(source, entry, {});
    return { label: entry.id, architecture: entry.architecture, files, weights };
  };
  return { lua: await find('lua'), decoder: await find('decoder') };
}

/** A weights file as a network. */
export function readModel(label: string, architecture: Architecture, bytes: Uint8Array): BenchModel {
  const loaded = readWeights(bytes, label);
  return { label, architecture, files: [loaded.file], weights: new Map([[label, loaded.bytes]]) };
}

/** The same LUA for pictures: a speed needs no training. */
export function makePixelTrunk({ architecture, files }: BenchModel): BenchModel {
  const tensors = files.flatMap(({ header }) => [...header.entries.values()]);
  const shapes = tensors.map(({ name, shape }): [string, number[]] => {
    if (name.endsWith('conv_first.weight')) return [name, shape.with(1, RGB)];
    return [name, /conv_last\.(weight|bias)$/.test(name) ? shape.with(0, RGB) : shape];
  });
  const { metadata } = files[0]!.header;
  return makeRandom('pixel trunk', architecture, Object.fromEntries(shapes), metadata);
}

/** LUA in the layout and size of its authors, for latents of a family: random weights. */
export function makeAuthorsLua(family: FamilyId): BenchModel {
  const config = { ...RELEASED_LUA, in_chans: FAMILIES[family].channels };
  const metadata = { latent_leap: JSON.stringify({ kind: 'lua', config }) };
  return makeRandom('random authors LUA', 'lua', luaShapes(config), metadata);
}

/** Other people's latent upscalers, for latents of four channels: random weights of the published shapes. */
export const OTHER_UPSCALERS = ['nn-latent-upscale', 'sd-latent-upscaler', 'lsr'] as const;

export function makeOtherUpscaler(architecture: (typeof OTHER_UPSCALERS)[number]): BenchModel {
  const shapes = {
    'nn-latent-upscale': nnLatentUpscaleShapes,
    'sd-latent-upscaler': sdLatentUpscalerShapes,
    lsr: lsrShapes,
  }[architecture]();
  return makeRandom(`random ${architecture}`, architecture, shapes);
}

function makeRandomModels(channels: number): BenchModels {
  const toned = channels === FAMILIES.flux2.channels;
  const decoder = { ...DECODER, channels, toned };
  return {
    lua: makeRandom('random LUA', 'leap-lua', leapLuaShapes({ ...LUA, in_chans: channels, toned })),
    decoder: makeRandom('random decoder', 'leap-decoder', leapDecoderShapes(decoder), {
      latent_leap: JSON.stringify({ kind: 'decoder', config: decoder }),
    }),
  };
}

function makeRandom(
  label: string,
  architecture: Architecture,
  shapes: Shapes,
  metadata: Record<string, string> = {},
): BenchModel {
  const { file, bytes } = makeWeights(shapes, { path: `${label.replaceAll(' ', '-')}.bin`, metadata });
  return { label, architecture, files: [file], weights: new Map([[file.path, bytes]]) };
}
