import { expect, test } from '@playwright/test';
import { type Architecture, type BuiltGraph, buildBicubic, buildGraph, buildLua } from '../src/graph';
import { readReferences, relativeError } from '../src/graph/test-run';
import { leapDecoderShapes, luaShapes, taesdShapes } from '../src/graph/test-shapes';
import { makeWeights, randomTensor, type TestWeights } from '../src/graph/test-weights';
import type { LuaConfig } from '../src/graph/types';
import { openHarness } from './ort-harness';

/** fp32 on the browser's WebGPU against PyTorch, in units of max |reference|. */
const TOLERANCE = 1e-3;

interface Case {
  title: string;
  reference: Float32Array;
  graph: BuiltGraph;
  weights: TestWeights[];
}

for (const { title, reference, graph, weights } of [
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
    expect(error).toBeLessThan(TOLERANCE);
  });
}

function luaCases(): Case[] {
  return ['lua-small', 'lua-small-skip'].flatMap((name) => {
    const { tensors, config } = readReferences(name);
    const weights = [makeWeights(luaShapes(config as LuaConfig))];
    return ['x2_8x8', 'x4_8x8', 'x2_16x16', 'x4_16x16', 'x2_17x33', 'x4_17x33', 'x2_24x40', 'x4_24x40'].map(
      (key) => {
        const [scale, height, width] = key.slice(1).split(/[_x]/).map(Number) as [number, number, number];
        const graph = buildLua({
          config: config as LuaConfig,
          weights: weights.map(({ file }) => file),
          scale,
          height,
          width,
          precision: 'fp32',
        });
        return { title: `${name} ${key}`, reference: tensors.get(key)!, graph, weights };
      },
    );
  });
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
