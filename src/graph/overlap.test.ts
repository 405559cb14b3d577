import { describe, expect, test } from 'vitest';
import {
  leapDecoderShapes,
  leapEncoderShapes,
  leapLuaShapes,
  luaShapes,
  type Shapes,
  taesdShapes,
} from '../testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../testing/graph/random-weights';
import { readReferences, relativeError, runOnNode } from '../testing/graph/run-on-node';
import { SMALL_NETWORKS } from '../testing/graph/small-networks';
import { type Architecture, buildGraph, overlapOf } from './index';
import { type LoadedWeights, packWeights } from './onnx/pack-weights';
import type { LuaConfig, NetworkPart } from './types';

const NETWORKS: { architecture: Architecture; shapes: Shapes; halo: number }[] = [
  {
    architecture: 'leap-decoder',
    shapes: leapDecoderShapes({ channels: 4, blocks: [2, 1, 3] }),
    halo: 11,
  },
  {
    architecture: 'leap-decoder',
    shapes: leapDecoderShapes({ channels: 4, blocks: [3, 3, 3] }),
    halo: 17,
  },
  { architecture: 'taesd-decoder', shapes: taesdShapes('decoder', 4, false), halo: 19 },
  { architecture: 'taesd-encoder', shapes: taesdShapes('encoder', 4, false), halo: 19 },
  {
    architecture: 'leap-encoder',
    shapes: leapEncoderShapes({ channels: 4, widths: [8, 8, 8], blocks: [2, 3, 3] }),
    halo: 17,
  },
];

describe.each(NETWORKS)('$architecture with a halo of $halo', ({ architecture, shapes, halo }) => {
  test('is what overlapOf says', () => {
    expect(overlapOf(architecture, [makeWeights(shapes).file])).toEqual({ halo, fade: 0, align: 1 });
  });

  test.each(['rows', 'columns'] as const)(
    'random weights: a tile equals the whole, over %s',
    async (axis) => {
      expect(await tileError(architecture, makeWeights(shapes), halo, halo, axis)).toBeLessThan(1e-5);
    },
  );

  // Kernels with one tap at the edge carry a pixel as far as the network can see, at full strength.
  test.each([
    ['rows', 'before'],
    ['rows', 'after'],
    ['columns', 'before'],
    ['columns', 'after'],
  ] as const)('farthest-reaching weights: %s, %s: exact, and exact no more', async (axis, side) => {
    const weights = reachingWeights(shapes, axis, side);
    expect(await tileError(architecture, weights, halo, halo, axis)).toBeLessThan(1e-5);
  });

  test('one position less is not enough', async () => {
    const errors = (['before', 'after'] as const).map((side) =>
      tileError(architecture, reachingWeights(shapes, 'columns', side), halo, halo - 1, 'columns'),
    );
    expect(Math.max(...(await Promise.all(errors)))).toBeGreaterThan(1e-4);
  });
});

describe.each([
  { architecture: 'taesd-decoder', shapes: taesdShapes('decoder', 32, true), between: 64, halo: 9 },
  { architecture: 'taesd-encoder', shapes: taesdShapes('encoder', 32, true), between: 64, halo: 9 },
  { architecture: 'leap-decoder', shapes: SMALL_NETWORKS.tonedDecoder, between: 32, halo: 7 },
  { architecture: 'leap-encoder', shapes: SMALL_NETWORKS.tonedEncoder, between: 32, halo: 7 },
] as const)('a $architecture with statistics of the whole, in two pieces', (network) => {
  const { architecture, shapes, between: features } = network;
  const part = architecture.endsWith('encoder') ? 'encoder' : 'decoder';
  const weights = makeWeights(shapes);
  const pieces = part === 'decoder' ? (['latent', 'pixels'] as const) : (['pixels', 'latent'] as const);
  const [inUnit, outUnit] = part === 'decoder' ? [1, 8] : [8, 1];

  const run = (piece: NetworkPart, input: Float32Array, height: number, width: number) => {
    const graph = buildGraph(architecture, {
      weights: [weights.file],
      part: piece,
      height,
      width,
      precision: 'fp32',
    });
    return runOnNode(graph, input, [weights]);
  };

  test('equals the whole, and its pixels may be tiled', async () => {
    const { halo } = overlapOf(architecture, [weights.file], 'pixels')!;
    expect(halo).toBe(network.halo);
    expect(overlapOf(architecture, [weights.file])).toBeNull();
    const [height, width] = [2, 24];
    const channels = part === 'decoder' ? 32 : 3;
    const input = randomTensor('input', [channels, height * inUnit, width * inUnit]);
    const whole = await run('whole', input, height * inUnit, width * inUnit);
    const unit = (piece: NetworkPart): number => (piece === 'pixels' && part === 'encoder' ? 8 : 1);
    const between = await run(pieces[0], input, height * unit(pieces[0]), width * unit(pieces[0]));
    const joined = await run(pieces[1], between, height, width);
    expect(relativeError(joined, whole)).toBeLessThan(1e-6);

    // The first half of the columns, computed with a halo on its right.
    const [columns, context] = [width / 2, width / 2 + halo];
    const [source, full] = part === 'decoder' ? [between, joined] : [input, between];
    const [inner, outer] = part === 'decoder' ? [1, outUnit] : [inUnit, 1];
    const outputs = part === 'decoder' ? 3 : features;
    const inputs = part === 'decoder' ? features : 3;
    const picture = { data: source, width: width * inner, height: height * inner };
    const piece = cut(picture, inputs, 'columns', 0, { height: height * inner, width: context * inner });
    const tile = await run('pixels', piece, height * inner, context * inner);
    const size = { height: height * outer, width: columns * outer };
    const [left, reference] = [
      { data: tile, width: context * outer, height: height * outer },
      { data: full, width: width * outer, height: height * outer },
    ].map((value) => cut(value, outputs, 'columns', 0, size)) as [Float32Array, Float32Array];
    expect(relativeError(left, reference)).toBeLessThan(1e-5);
  });
});

describe('LUA', () => {
  const leap = { in_chans: 4, widths: [8, 8, 8] as [number, number, number], stem: 1, groups: 1, heads: 2 };
  const swin = { window_size: 4, mlp_ratio: 2, middle: 1, tail: 1 };

  test('throws one or two windows away and blends the next, as no halo is exact', () => {
    const { file } = makeWeights(leapLuaShapes({ ...leap, ...swin }));
    expect(overlapOf('leap-lua', [file])).toEqual({ halo: 8, fade: 4, align: 4 });
    const authors = makeWeights(luaShapes(readReferences('lua-small').config as LuaConfig));
    expect(overlapOf('lua', [authors.file])).toEqual({ halo: 8, fade: 8, align: 8 });
  });
});

/** Difference between two positions of the whole picture's result and of a tile with `context` around them. */
async function tileError(
  architecture: Architecture,
  weights: LoadedWeights,
  halo: number,
  context: number,
  axis: 'rows' | 'columns',
): Promise<number> {
  const encoder = architecture.endsWith('encoder');
  const [inUnit, outUnit] = encoder ? [8, 1] : [1, 8];
  const [start, length] = [halo + 2, 2];
  const whole = { begin: 0, end: 2 * start + length };
  const tile = { begin: start - context, end: start + length + context };
  const input = randomTensor('input', [encoder ? 3 : 4, (whole.end * inUnit) ** 2]).map(Math.abs);
  const outputs = await Promise.all(
    [whole, tile].map(async ({ begin, end }) => {
      const long = (end - begin) * inUnit;
      const [height, width] = axis === 'rows' ? [long, inUnit] : [inUnit, long];
      const graph = buildGraph(architecture, { weights: [weights.file], height, width, precision: 'fp32' });
      const picture = { data: input, width: whole.end * inUnit };
      const part = cut(picture, graph.input.shape[1], axis, begin * inUnit, { height, width });
      const output = await runOnNode(graph, part, [weights]);
      const [, channels, rows, columns] = graph.output.shape;
      const inner =
        axis === 'rows'
          ? { height: length * outUnit, width: columns }
          : { height: rows, width: length * outUnit };
      return cut(
        { data: output, width: columns, height: rows },
        channels,
        axis,
        (start - begin) * outUnit,
        inner,
      );
    }),
  );
  return relativeError(outputs[1]!, outputs[0]!);
}

/** A [channels, height, width] part of a picture, from `begin` on along the axis. */
function cut(
  picture: { data: Float32Array; width: number; height?: number },
  channels: number,
  axis: 'rows' | 'columns',
  begin: number,
  size: { height: number; width: number },
): Float32Array {
  const rows = picture.height ?? picture.data.length / channels / picture.width;
  const [top, left] = axis === 'rows' ? [begin, 0] : [0, begin];
  const part = new Float32Array(channels * size.height * size.width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < size.height; y++) {
      const from = (c * rows + top + y) * picture.width + left;
      part.set(picture.data.subarray(from, from + size.width), (c * size.height + y) * size.width);
    }
  }
  return part;
}

/** Every kernel passes one channel on, shifted by its outermost tap along the axis; no biases. */
function reachingWeights(shapes: Shapes, axis: 'rows' | 'columns', side: 'before' | 'after'): LoadedWeights {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const [outputs = 0, inputs = 0, k = 0] = shape;
    if (shape.length === 4) {
      const edge = side === 'before' ? 0 : k - 1;
      const middle = Math.floor((k - 1) / 2);
      const tap = axis === 'rows' ? edge * k + middle : middle * k + edge;
      for (let o = 0; o < outputs; o++) values[(o * inputs + (o % inputs)) * k * k + tap] = 1;
    }
    return { name, shape, dtype: 'F32' as const, bytes: new Uint8Array(values.buffer) };
  });
  return packWeights(tensors);
}
