import { LeapError } from '../errors';
import { buildOnnxEnlarger, onnxEnlargerOverlap } from './enlarger/onnx-enlarger';
import { buildKlDecoder, buildKlEncoder } from './kl/kl-autoencoder';
import { listKlSteps } from './kl/kl-steps';
import { buildLeapDecoder, buildLeapEncoder } from './leap/leap-autoencoder';
import { buildLeapLua } from './leap/leap-lua';
import { leapDecoderOverlap, leapEncoderOverlap, leapLuaOverlap } from './leap/leap-overlap';
import { buildLua } from './lua/lua';
import { readLuaConfig } from './lua/lua-config';
import { luaOverlap } from './lua/lua-overlap';
import type { Overlap } from './overlap';
import { recogniseKl } from './recognise/recognise-kl';
import { recogniseLeap } from './recognise/recognise-leap';
import { recogniseLeapLua } from './recognise/recognise-leap-lua';
import { recogniseLua } from './recognise/recognise-lua';
import { recogniseOnnxEnlarger } from './recognise/recognise-onnx-enlarger';
import { recogniseTaesd } from './recognise/recognise-taesd';
import {
  recogniseLsr,
  recogniseNnLatentUpscale,
  recogniseSdLatentUpscaler,
} from './recognise/recognise-upscalers';
import type { FoundModel } from './recognise/recognised-model';
import type { StepList } from './steps/step-list';
import { buildTaesdDecoder, buildTaesdEncoder, type TaesdOptions } from './taesd/taesd';
import { taesdDecoderOverlap, taesdEncoderOverlap } from './taesd/taesd-overlap';
import type { BuiltGraph, ModelKind, NetworkPart, UpscalerOptions, WeightsFile } from './types';
import { buildLsr } from './upscalers/lsr';
import { listLsrSteps } from './upscalers/lsr-steps';
import { buildNnLatentUpscale } from './upscalers/nn-latent-upscale';
import { listNnSteps } from './upscalers/nn-steps';
import { buildSdLatentUpscaler, sdLatentUpscalerOverlap } from './upscalers/sd-latent-upscaler';

export interface GraphOptions extends TaesdOptions {
  /** Upscalers: the factor. */
  scale?: number;
  /** The bytes of the files, by path: for a graph that comes along in one. */
  bytes?: ReadonlyMap<string, Uint8Array>;
}

const NO_BYTES: ReadonlyMap<string, Uint8Array> = new Map();

/** Everything that is said about an architecture. */
interface ArchitectureRow {
  kind: ModelKind;
  build(options: GraphOptions): BuiltGraph;
  /**
   * How its tiles must overlap; null where no overlap is enough, because it sees statistics of the whole, or too far.
   * @throws LeapError `bad-weights` when the tensors are not those of the architecture
   */
  overlap(files: WeightsFile[], part: NetworkPart): Overlap | null;
  /**
   * Its steps, if its overlap is null but it can be run piece by piece.
   * @throws LeapError `bad-weights`
   */
  steps?(files: WeightsFile[], scale: number): StepList;
  /** Finds the network in a checkpoint. @throws LeapError `unsupported` for a network that is nearly it */
  recognise(file: WeightsFile): FoundModel | undefined;
}

/** One row for each architecture, in the order in which a checkpoint is compared with them. */
const ROWS = {
  'kl-decoder': {
    kind: 'decoder',
    build: buildKlDecoder,
    overlap: () => null,
    steps: (files) => listKlSteps(files, 'decoder'),
    recognise: (file) => recogniseKl(file, 'decoder'),
  },
  'kl-encoder': {
    kind: 'encoder',
    build: buildKlEncoder,
    overlap: () => null,
    steps: (files) => listKlSteps(files, 'encoder'),
    recognise: (file) => recogniseKl(file, 'encoder'),
  },
  'taesd-decoder': {
    kind: 'decoder',
    build: buildTaesdDecoder,
    overlap: taesdDecoderOverlap,
    recognise: (file) => recogniseTaesd(file, 'decoder'),
  },
  'taesd-encoder': {
    kind: 'encoder',
    build: buildTaesdEncoder,
    overlap: taesdEncoderOverlap,
    recognise: (file) => recogniseTaesd(file, 'encoder'),
  },
  'leap-decoder': {
    kind: 'decoder',
    build: buildLeapDecoder,
    overlap: leapDecoderOverlap,
    recognise: (file) => recogniseLeap(file, 'decoder'),
  },
  'leap-encoder': {
    kind: 'encoder',
    build: buildLeapEncoder,
    overlap: leapEncoderOverlap,
    recognise: (file) => recogniseLeap(file, 'encoder'),
  },
  'leap-lua': {
    kind: 'lua',
    build: (options) => buildLeapLua(withScale(options)),
    overlap: leapLuaOverlap,
    recognise: recogniseLeapLua,
  },
  lua: {
    kind: 'lua',
    build: (options) => buildLua({ ...withScale(options), config: readLuaConfig(options.weights) }),
    overlap: luaOverlap,
    recognise: recogniseLua,
  },
  'nn-latent-upscale': {
    kind: 'lua',
    build: (options) => buildNnLatentUpscale(withScale(options)),
    overlap: () => null,
    steps: listNnSteps,
    recognise: recogniseNnLatentUpscale,
  },
  'sd-latent-upscaler': {
    kind: 'lua',
    build: (options) => buildSdLatentUpscaler(withScale(options)),
    overlap: sdLatentUpscalerOverlap,
    recognise: recogniseSdLatentUpscaler,
  },
  lsr: {
    kind: 'lua',
    build: (options) => buildLsr(withScale(options)),
    overlap: () => null,
    steps: listLsrSteps,
    recognise: recogniseLsr,
  },
  'onnx-enlarger': {
    kind: 'enlarger',
    build: (options) => buildOnnxEnlarger({ bytes: NO_BYTES, ...withScale(options) }),
    overlap: onnxEnlargerOverlap,
    recognise: recogniseOnnxEnlarger,
  },
} satisfies Record<string, ArchitectureRow>;

/** The networks for which graphs are built. The configuration of each is read from its weights. */
export type Architecture = keyof typeof ROWS;

export const ARCHITECTURES: Readonly<Record<Architecture, ArchitectureRow>> = ROWS;

/**
 * The graph of any architecture, its configuration read from the weights.
 *
 * Input and output are always float32 [1, C, H, W], named `input` and `output`.
 */
export function buildGraph(architecture: Architecture, options: GraphOptions): BuiltGraph {
  return ARCHITECTURES[architecture].build(options);
}

/**
 * How the tiles of a network must overlap. For an encoder, positions are 8 pixels each.
 *
 * @param part of a network that has parts; `latent` is for whole pictures
 * @returns null where nothing finite is exact: the network sees statistics of the whole picture (FLUX.2's pooled blocks
 *   and our tone, full autoencoders, NNLatentUpscale) or sees too far to throw all of that away (LSR)
 * @throws LeapError `bad-weights` when the tensors are not those of the architecture
 */
export function overlapOf(
  architecture: Architecture,
  files: WeightsFile[],
  part: NetworkPart = 'whole',
): Overlap | null {
  return ARCHITECTURES[architecture].overlap(files, part);
}

/**
 * The steps of a network that sees everything at once but can be run piece by piece; undefined for any other.
 *
 * @param scale of an upscaler
 * @throws LeapError `bad-weights` when the tensors are not those of the architecture
 */
export function stepsOf(architecture: Architecture, files: WeightsFile[], scale = 1): StepList | undefined {
  return ARCHITECTURES[architecture].steps?.(files, scale);
}

function withScale(options: GraphOptions): GraphOptions & UpscalerOptions {
  const { scale } = options;
  if (scale === undefined) throw new LeapError('bad-option', 'The graph of an upscaler needs a scale.');
  return { ...options, scale };
}
