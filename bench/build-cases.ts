import { buildBicubic, buildGraph, buildLua } from '../src/graph';
import type { BuiltGraph } from '../src/graph/types';
import { type BenchModels, makePixelTrunk } from './bench-models';
import { readOnnxCost } from './read-onnx-cost';
import type { Case, Step, Workload } from './types';

/** Latent positions to pixels. */
const STRIDE = 8;
const NO_WEIGHTS: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * The ways to the same large picture that are compared.
 * @param span scale -> ONNX file of a pixel upscaler, where there is one
 */
export function buildCases(
  models: BenchModels,
  span: ReadonlyMap<number, Uint8Array>,
  work: Workload,
): Case[] {
  const { size, scale } = work;
  const large = size * scale;
  const network = span.get(scale);
  const cases: Case[] = [
    {
      id: 'lua',
      label: 'LUA in latent space, then decode',
      build: () => [luaStep(models.lua, size, work), decodeStep(models, large, work)],
    },
    {
      id: 'bicubic',
      label: 'bicubic in latent space, then decode',
      build: () => [bicubicStep(models, work), decodeStep(models, large, work)],
    },
    {
      id: 'pixel-trunk',
      label: 'decode, then the same trunk on pixels',
      build: () => [
        decodeStep(models, size, work),
        luaStep(makePixelTrunk(models.lua.config), size * STRIDE, work),
      ],
    },
  ];
  if (network) {
    cases.push({
      id: 'pixel-span',
      label: 'decode, then SPAN on pixels (fp32)',
      build: () => [decodeStep(models, size, work), spanStep(network, work)],
    });
  }
  return cases;
}

function luaStep(lua: BenchModels['lua'], edge: number, { scale, precision }: Workload): Step {
  const { config, files, weights } = lua;
  const graph = buildLua({ config, weights: files, scale, height: edge, width: edge, precision });
  return { name: 'upscale', graph, weights, knowsBytes: true };
}

function bicubicStep({ lua }: BenchModels, { size, scale }: Workload): Step {
  const graph = buildBicubic({ channels: lua.config.in_chans, height: size, width: size, scale });
  return { name: 'upscale', graph, weights: NO_WEIGHTS, knowsBytes: true };
}

function decodeStep({ decoder }: BenchModels, edge: number, { precision }: Workload): Step {
  const { architecture, files, weights } = decoder;
  const graph = buildGraph(architecture, { weights: files, height: edge, width: edge, precision });
  return { name: 'decode', graph, weights, knowsBytes: true };
}

function spanStep(model: Uint8Array, { size, scale }: Workload): Step {
  const { input, output, multiplyAddsPerPosition } = readOnnxCost(model);
  const edge = size * STRIDE;
  const graph: BuiltGraph = {
    model,
    input: { name: input, shape: [1, 3, edge, edge] },
    output: { name: output, shape: [1, 3, edge * scale, edge * scale] },
    weightPaths: [],
    multiplyAdds: multiplyAddsPerPosition * edge * edge,
    dispatches: 0,
    bytesMoved: 0,
    largestTensorBytes: 0,
    peakBytes: 0,
    precision: 'fp32',
  };
  return { name: 'upscale', graph, weights: NO_WEIGHTS, knowsBytes: false };
}
