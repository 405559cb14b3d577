import { expect, test } from '@playwright/test';
import {
  type Architecture,
  type BuiltGraph,
  buildGraph,
  buildKlDecoder,
  buildLua,
  type GraphOptions,
  type Precision,
  type WeightsFile,
} from '../../src/graph/index';
import type { LoadedWeights } from '../../src/graph/onnx/pack-weights';
import type { LuaConfig } from '../../src/graph/types';
import { klShapes, narrowKl } from '../../src/testing/graph/kl-shapes';
import { makeLoudWeights } from '../../src/testing/graph/loud-weights';
import {
  type LeapLuaShape,
  leapDecoderShapes,
  leapLuaShapes,
  luaShapes,
  taesdShapes,
} from '../../src/testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../../src/testing/graph/random-weights';
import { readReferences } from '../../src/testing/graph/run-on-node';
import { SMALL_NETWORKS } from '../../src/testing/graph/small-networks';
import {
  lsrShapes,
  nnLatentUpscaleShapes,
  sdLatentUpscalerShapes,
} from '../../src/testing/graph/upscaler-shapes';
import { openHarness } from '../support/ort-harness';

/** Compares fp16 with fp32 on the same adapter. Skipped where there is no shader-f16, as on SwiftShader. */
const DECIBELS = 45;

test.beforeEach(async ({ page }) => {
  const harness = await openHarness(page);
  const half = await page.evaluate(async () =>
    (await navigator.gpu.requestAdapter())?.features.has('shader-f16'),
  );
  await harness.close();
  test.skip(!half, 'The adapter has no shader-f16.');
  test.setTimeout(240_000);
});

const lua = readReferences('lua-small-skip').config as LuaConfig;
const DECODERS = [
  { name: 'leap-decoder', shapes: leapDecoderShapes({ channels: 32, toned: true }) },
  {
    name: 'leap-decoder',
    shapes: leapDecoderShapes({ channels: 16, widths: [24, 16, 12], blocks: [2, 1, 3] }),
  },
  { name: 'taesd-decoder', shapes: taesdShapes('decoder', 4, false) },
  { name: 'taesd-decoder', shapes: taesdShapes('decoder', 32, true) },
];

type Build = (weights: WeightsFile[], precision: Precision) => BuiltGraph;

const EIGHT = { height: 8, width: 8 };
const SIXTEEN = { height: 16, width: 16 };
const leapLua = readReferences('leap-lua').config as LeapLuaShape;

function of(architecture: Architecture, options: Omit<GraphOptions, 'weights' | 'precision'>): Build {
  return (weights, precision) => buildGraph(architecture, { ...options, weights, precision });
}

const full = klShapes(narrowKl());
const buildFull: Build = (weights, precision) => buildKlDecoder({ weights, height: 4, width: 4, precision });

const GRAPHS: { title: string; weights: () => LoadedWeights; build: Build }[] = [
  ...[2, 4].map((scale) => ({
    title: `LUA x${scale}`,
    weights: () => makeWeights(luaShapes(lua)),
    build: ((weights, precision) =>
      buildLua({ config: lua, weights, scale, height: 16, width: 16, precision })) satisfies Build,
  })),
  ...DECODERS.map(({ name, shapes }) => ({
    title: `${name}, ${Object.keys(shapes).length} tensors,`,
    weights: () => makeWeights(shapes),
    build: ((weights, precision) =>
      buildGraph(name as Architecture, { weights, height: 8, width: 8, precision })) satisfies Build,
  })),
  ...[2, 4].map((scale) => ({
    title: `our LUA x${scale}`,
    weights: () => makeWeights(leapLuaShapes(leapLua)),
    build: of('leap-lua', { scale, ...SIXTEEN }),
  })),
  {
    title: 'our encoder with a tone',
    weights: () => makeWeights(SMALL_NETWORKS.tonedEncoder),
    build: of('leap-encoder', { height: 64, width: 64 }),
  },
  {
    title: 'our LUA with a tone',
    weights: () => makeWeights(leapLuaShapes({ ...leapLua, toned: true })),
    build: of('leap-lua', { scale: 2, ...SIXTEEN }),
  },
  {
    title: 'NNLatentUpscale x1.5',
    weights: () => makeWeights(nnLatentUpscaleShapes({ width: 32, blocks: 3 })),
    build: of('nn-latent-upscale', { scale: 1.5, ...EIGHT }),
  },
  {
    title: 'SD-Latent-Upscaler x1.25',
    weights: () => makeWeights(sdLatentUpscalerShapes({ width: 16 })),
    build: of('sd-latent-upscaler', { scale: 1.25, ...EIGHT }),
  },
  {
    title: 'LSR x3',
    weights: () => makeWeights(lsrShapes({ width: 24, depths: [2, 2], heads: 2, features: 16, hidden: 32 })),
    build: of('lsr', { scale: 3, ...EIGHT }),
  },
  { title: 'full decoder', weights: () => makeWeights(full), build: buildFull },
  { title: 'full decoder beyond 65504', weights: () => makeLoudWeights(full, 1e5), build: buildFull },
];

for (const { title, weights: make, build } of GRAPHS) {
  test(`${title} in fp16 is within ${DECIBELS} dB of fp32`, async ({ page }) => {
    const harness = await openHarness(page);
    const weights = make();
    const outputs: Float32Array[] = [];
    for (const precision of ['fp32', 'fp16'] as const) {
      const graph = build([weights.file], precision);
      const input = randomTensor('input', graph.input.shape);
      outputs.push((await harness.run('webgpu', graph, input, [weights])).output);
    }
    await harness.close();
    const decibels = psnr(outputs[1]!, outputs[0]!);
    test.info().annotations.push({ type: 'measured', description: `${decibels.toFixed(1)} dB` });
    expect(decibels).toBeGreaterThan(DECIBELS);
  });
}

/** Peak signal-to-noise ratio. The peak is the range of the reference. */
function psnr(actual: Float32Array, reference: Float32Array): number {
  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (let i = 0; i < reference.length; i++) {
    low = Math.min(low, reference[i]!);
    high = Math.max(high, reference[i]!);
    sum += (actual[i]! - reference[i]!) ** 2;
  }
  return 10 * Math.log10((high - low) ** 2 / (sum / reference.length));
}
