import { expect, test } from '@playwright/test';
import {
  type Architecture,
  type BuiltGraph,
  buildBicubic,
  buildGraph,
  buildKlDecoder,
  buildLua,
  widenBfloat16,
} from '../src/graph';
import { makeHalfWeights } from '../src/graph/test-half';
import { klShapes } from '../src/graph/test-kl-shapes';
import { readReferences, relativeError, runOnNode } from '../src/graph/test-run';
import { leapDecoderShapes, luaShapes, taesdShapes } from '../src/graph/test-shapes';
import { makeWeights, randomTensor, type TestWeights } from '../src/graph/test-weights';
import type { LuaConfig } from '../src/graph/types';
import { openHarness } from './ort-harness';

/** fp32 on the browser's WebGPU against PyTorch, in units of max |reference|. */
const TOLERANCE = 1e-3;

/**
 * A software adapter spends its time on compiling shaders, some ten seconds a case: by default every size and
 * both scales come once. `PARITY=all` runs every case.
 */
const EVERY_CASE = process.env.PARITY === 'all';
const QUICK_CASES = [
  'lua-small x2_16x16',
  'lua-small-skip x4_8x8',
  'lua-small-skip x4_17x33',
  'lua-small-skip x2_24x40',
];

interface Case {
  title: string;
  reference: Float32Array;
  graph: BuiltGraph;
  weights: TestWeights[];
  tolerance?: number;
}

/** A full decoder's operators, on widths that a software adapter can run; Node's CPU is the reference. */
test('WebGPU: a narrow full decoder equals the CPU', async ({ page }) => {
  test.setTimeout(240_000);
  const narrow = [32, 32, 32, 32];
  const shape = {
    channels: 32,
    encoderWidths: narrow,
    decoderWidths: narrow,
    quantConv: true,
    batchNorm: true,
  };
  const weights = makeWeights(klShapes(shape));
  const graph = buildKlDecoder({ weights: [weights.file], height: 2, width: 4, precision: 'fp32' });
  const input = randomTensor('input', graph.input.shape);
  const harness = await openHarness(page);
  const { output } = await harness.run('webgpu', graph, input, [weights]);
  await harness.close();
  expect(relativeError(output, await runOnNode(graph, input, [weights]))).toBeLessThan(TOLERANCE);
});

for (const { title, reference, graph, weights, tolerance = TOLERANCE } of [
  ...luaCases(),
  ...autoencoderCases(),
  ...bicubicCases(),
]) {
  test(`WebGPU: ${title} equals PyTorch`, async ({ page }) => {
    test.setTimeout(240_000);
    const harness = await openHarness(page);
    const input = randomTensor('input', graph.input.shape);
    const { output, createMs, runMs, adapter } = await harness.run('webgpu', graph, input, weights);
    await harness.close();
    const error = relativeError(output, reference);
    test.info().annotations.push({
      type: 'measured',
      description: `${adapter}: error ${error.toExponential(1)}, session ${createMs.toFixed(0)} ms, run ${runMs.toFixed(0)} ms`,
    });
    expect(error).toBeLessThan(tolerance);
  });
}

function luaCases(): Case[] {
  const cases = ['lua-small', 'lua-small-skip'].flatMap((name) => {
    const { tensors, config } = readReferences(name);
    const weights = [makeWeights(luaShapes(config as LuaConfig))];
    const sized = [...tensors].map(([key, reference]) => ({
      title: `${name} ${key}`,
      reference,
      graph: buildLuaCase(config as LuaConfig, key, weights),
      weights,
    }));
    return sized.filter(({ title }) => EVERY_CASE || QUICK_CASES.includes(title));
  });
  return [...cases, ...storedTypeCases()];
}

/** Weights in half precision: fp16 as they are, bfloat16 widened, because WebGPU refuses it. */
function storedTypeCases(): Case[] {
  const { tensors, config } = readReferences('lua-small');
  const shapes = luaShapes(config as LuaConfig);
  const files = { F16: makeHalfWeights(shapes, 'F16'), BF16: widenBfloat16(makeHalfWeights(shapes, 'BF16')) };
  return Object.entries(files).map(([dtype, weights]) => ({
    title: `lua-small of ${dtype} weights, roughly,`,
    reference: tensors.get('x2_8x8')!,
    graph: buildLuaCase(config as LuaConfig, 'x2_8x8', [weights]),
    weights: [weights],
    tolerance: 2e-2,
  }));
}

function buildLuaCase(config: LuaConfig, key: string, weights: TestWeights[]): BuiltGraph {
  const [scale, height, width] = key.slice(1).split(/[_x]/).map(Number) as [number, number, number];
  const files = weights.map(({ file }) => file);
  return buildLua({ config, weights: files, scale, height, width, precision: 'fp32' });
}

function autoencoderCases(): Case[] {
  const networks: { name: string; architecture: Architecture; shapes: Record<string, number[]> }[] = [
    { name: 'taesd-decoder', architecture: 'taesd-decoder', shapes: taesdShapes('decoder', 4, false) },
    { name: 'taesd-decoder-pooled', architecture: 'taesd-decoder', shapes: taesdShapes('decoder', 32, true) },
    {
      name: 'leap-decoder',
      architecture: 'leap-decoder',
      shapes: leapDecoderShapes({
        kind: 'decoder',
        channels: 16,
        widths: [24, 16, 12],
        blocks: [2, 1, 3],
        clamp: 3,
      }),
    },
  ];
  return networks.map(({ name, architecture, shapes }) => {
    const weights = [makeWeights(shapes)];
    const files = weights.map(({ file }) => file);
    const graph = buildGraph(architecture, { weights: files, height: 5, width: 7, precision: 'fp32' });
    return { title: `${name} 5x7`, reference: readReferences(name).tensors.get('5x7')!, graph, weights };
  });
}

function bicubicCases(): Case[] {
  const { tensors } = readReferences('bicubic');
  return [2, 4].map((scale) => {
    const graph = buildBicubic({ channels: 3, height: 17, width: 33, scale });
    const key = `x${scale}_17x33`;
    return { title: `bicubic ${key}`, reference: tensors.get(key)!, graph, weights: [] };
  });
}
