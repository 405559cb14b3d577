import { loadModel, readWeights } from '../src/engine/models/load-model';
import type { Architecture } from '../src/graph';
import type { LuaConfig, WeightsFile } from '../src/graph/types';
import type { FamilyId } from '../src/latent/types';
import { leapDecoderShapes, luaShapes, type Shapes } from '../src/testing/graph/network-shapes';
import { makeWeights } from '../src/testing/graph/random-weights';
import type { ModelKind, WeightsSource } from '../src/weights/types';

export interface BenchModel {
  label: string;
  files: WeightsFile[];
  weights: ReadonlyMap<string, Uint8Array>;
}

/** The networks that are measured. */
export interface BenchModels {
  lua: BenchModel & { config: LuaConfig };
  decoder: BenchModel & { architecture: Architecture };
}

/** Channels of a latent. */
const CHANNELS: Record<FamilyId, number> = { sd15: 4, sdxl: 4, sd3: 16, flux1: 16, flux2: 32 };
const DECODER = { kind: 'decoder' as const, widths: [96, 80, 32], blocks: [3, 3, 2], clamp: 3 };
const LUA: Omit<LuaConfig, 'in_chans'> = {
  embed_dim: 96,
  depths: [2, 2, 2, 2, 2, 2],
  num_heads: [3, 3, 3, 3, 3, 3],
  window_size: 8,
  mlp_ratio: 2,
  head_width: 64,
  scales: [2, 4],
  upsampler: 'multihead',
  skip: 'bicubic',
  refine: 2,
  residual_bound: 4,
};

/** The embedded models of a family; without a source, networks of the same build with random weights. */
export async function openBenchModels(
  source: WeightsSource | undefined,
  family: FamilyId,
): Promise<BenchModels> {
  if (!source) return makeRandomModels(CHANNELS[family]);
  const find = async (kind: ModelKind) => {
    const entry = source.catalog.models.find((model) => model.kind === kind && model.family === family);
    if (!entry) throw new Error(`The catalogue has no ${kind} for ${family}.`);
    return loadModel(source, entry, {});
  };
  const lua = await find('lua');
  const decoder = await find('decoder');
  return {
    lua: { label: lua.entry.id, files: lua.files, weights: lua.weights, config: lua.luaConfig() },
    decoder: {
      label: decoder.entry.id,
      files: decoder.files,
      weights: decoder.weights,
      architecture: decoder.entry.architecture,
    },
  };
}

/** A weights file as a network. */
export function readModel(label: string, bytes: Uint8Array): BenchModel {
  const loaded = readWeights(bytes, label);
  return { label, files: [loaded.file], weights: new Map([[label, loaded.bytes]]) };
}

/** The same trunk and heads as `config`, for pictures: a speed needs no training. */
export function makePixelTrunk(config: LuaConfig): BenchModels['lua'] {
  const pixels: LuaConfig = { ...config, in_chans: 3 };
  return { ...makeRandom('pixel trunk', luaShapes(pixels)), config: pixels };
}

function makeRandomModels(channels: number): BenchModels {
  const config: LuaConfig = { ...LUA, in_chans: channels };
  const decoder = { ...DECODER, channels, toned: channels === CHANNELS.flux2 };
  return {
    lua: { ...makeRandom('random LUA', luaShapes(config)), config },
    decoder: {
      ...makeRandom('random decoder', leapDecoderShapes(decoder), {
        latent_leap: JSON.stringify({ kind: 'decoder', config: decoder }),
      }),
      architecture: 'leap-decoder',
    },
  };
}

function makeRandom(label: string, shapes: Shapes, metadata: Record<string, string> = {}): BenchModel {
  const { file, bytes } = makeWeights(shapes, { path: `${label.replace(' ', '-')}.bin`, metadata });
  return { label, files: [file], weights: new Map([[file.path, bytes]]) };
}
