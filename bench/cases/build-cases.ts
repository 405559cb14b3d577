import { buildEnlargement, buildGraph } from '../../src/graph/index';
import type { BuiltGraph } from '../../src/graph/types';
import { FAMILIES } from '../../src/latent/index';
import type { Case, CaseId, ForeignNetwork, GraphStep, Workload } from '../types';
import {
  type BenchModel,
  type BenchModels,
  makeAuthorsLua,
  makeOtherUpscaler,
  makePixelTrunk,
  OTHER_UPSCALERS,
} from './bench-models';
import { readOnnxCost } from './read-onnx-cost';

/** Latent positions to pixels. */
const STRIDE = 8;

const NO_WEIGHTS: ReadonlyMap<string, Uint8Array> = new Map();

/** What is compared with our own networks, as the place that runs the cases has it. */
export interface CasePeers {
  /** Scale -> ONNX file of a pixel upscaler. */
  span: ReadonlyMap<number, Uint8Array>;
  /** TAESD's decoder of the family. */
  taesd: BenchModel | undefined;
  /** UpscalerJS's networks for a picture of this edge, where they can run. */
  openEsrgan:
    | ((size: 'medium' | 'thick', scale: number, edge: number) => Promise<ForeignNetwork>)
    | undefined;
}

/** The ways to the same large picture that are compared; at x1, the decoders. */
export function buildCases(models: BenchModels, peers: CasePeers, work: Workload): Case[] {
  return work.scale === 1
    ? buildDecoderCases(models, peers, work)
    : [
        ...buildOwnCases(models, work),
        ...buildOtherCases(models, work),
        ...buildPixelCases(models, peers, work),
      ];
}

/** Latents of four channels only, and x2 at most but for LSR. */
function buildOtherCases({ decoder }: BenchModels, work: Workload): Case[] {
  const { size, scale, family } = work;
  if (FAMILIES[family].channels !== 4) return [];
  const fitting = OTHER_UPSCALERS.filter((name) => scale <= 2 || name === 'lsr');
  return fitting.map((name) => ({
    id: name,
    label: `${name} in latent space, then decode`,
    build: () => [luaStep(makeOtherUpscaler(name), size, work), decodeStep(decoder, size * scale, work)],
  }));
}

function buildOwnCases(models: BenchModels, work: Workload): Case[] {
  const { size, scale, family } = work;
  const large = size * scale;
  return [
    {
      id: 'lua',
      label: 'LUA in latent space, then decode',
      build: () => [luaStep(models.lua, size, work), decodeStep(models.decoder, large, work)],
    },
    {
      id: 'authors-lua',
      label: "the authors' LUA in latent space, then decode",
      build: () => [luaStep(makeAuthorsLua(family), size, work), decodeStep(models.decoder, large, work)],
    },
    {
      id: 'bicubic',
      label: 'bicubic in latent space, then decode',
      build: () => [bicubicStep(work), decodeStep(models.decoder, large, work)],
    },
    {
      id: 'pixel-trunk',
      label: 'decode, then the same trunk on pixels',
      build: () => [
        decodeStep(models.decoder, size, work),
        luaStep(makePixelTrunk(models.lua), size * STRIDE, work),
      ],
    },
  ];
}

function buildPixelCases({ decoder }: BenchModels, { span, openEsrgan }: CasePeers, work: Workload): Case[] {
  const { size, scale } = work;
  const cases: Case[] = [];
  const network = span.get(scale);
  if (network) {
    cases.push({
      id: 'pixel-span',
      label: 'decode, then SPAN on pixels (fp32)',
      build: () => [decodeStep(decoder, size, work), spanStep(network, work)],
    });
  }
  if (openEsrgan) {
    for (const variant of ['medium', 'thick'] as const) {
      const open = () => openEsrgan(variant, scale, size * STRIDE);
      cases.push({
        id: `pixel-esrgan-${variant}`,
        label: `decode, then UpscalerJS's ESRGAN ${variant} on pixels`,
        build: () => [decodeStep(decoder, size, work), { name: 'upscale', open }],
      });
    }
  }
  return cases;
}

function buildDecoderCases({ decoder }: BenchModels, { taesd }: CasePeers, work: Workload): Case[] {
  const decodersOf = (id: CaseId, label: string, model: BenchModel): Case => ({
    id,
    label,
    build: () => [decodeStep(model, work.size, work)],
  });
  const cases = [decodersOf('decoder', 'our decoder', decoder)];
  if (taesd) cases.push(decodersOf('taesd', "TAESD's decoder", taesd));
  return cases;
}

function luaStep(model: BenchModel, edge: number, { scale, precision }: Workload): GraphStep {
  const { architecture, files, weights } = model;
  const graph = buildGraph(architecture, { weights: files, scale, height: edge, width: edge, precision });
  return { name: 'upscale', graph, weights, knowsBytes: true };
}

function bicubicStep({ size, scale, family }: Workload): GraphStep {
  const graph = buildEnlargement({
    channels: FAMILIES[family].channels,
    height: size,
    width: size,
    scale,
    filter: 'bicubic',
  });
  return { name: 'upscale', graph, weights: NO_WEIGHTS, knowsBytes: true };
}

function decodeStep(model: BenchModel, edge: number, { precision }: Workload): GraphStep {
  const { architecture, files, weights } = model;
  const graph = buildGraph(architecture, { weights: files, height: edge, width: edge, precision });
  return { name: 'decode', graph, weights, knowsBytes: true };
}

function spanStep(model: Uint8Array, { size, scale }: Workload): GraphStep {
  const { input, output, multiplyAddsPerPosition } = readOnnxCost(model);
  const edge = size * STRIDE;
  const graph: BuiltGraph = {
    model,
    input: { name: input, shape: [1, 3, edge, edge] },
    output: { name: output, shape: [1, 3, edge * scale, edge * scale] },
    weightPaths: [],
    weightNames: [],
    multiplyAdds: multiplyAddsPerPosition * edge * edge,
    dispatches: 0,
    bytesMoved: 0,
    largestTensorBytes: 0,
    peakBytes: 0,
    constantBytes: 0,
    precision: 'fp32',
  };
  return { name: 'upscale', graph, weights: NO_WEIGHTS, knowsBytes: false };
}
