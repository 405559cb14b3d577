import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildKlEncoder } from '../../graph';
import type { LuaConfig } from '../../graph/types';
import { FAMILIES } from '../../latent';
import type { FamilyId } from '../../latent/types';
import {
  checkpoint,
  entryOf,
  latentFor,
  openEngine,
  readTensors,
  upscaleToPicture,
  worstLevel,
} from '../../testing/engine/checkpoint-engine';
import { writeTorchFile } from '../../testing/engine/torch-file';
import { fullKl, klShapes, toOriginalNames } from '../../testing/graph/kl-shapes';
import { luaShapes, type Shapes, taesdShapes } from '../../testing/graph/network-shapes';
import { makeWeights, randomTensor } from '../../testing/graph/random-weights';
import { readReferences, relativeError, runOnNode } from '../../testing/graph/run-on-node';

/** Runs files as a hub has them through the engine, and compares with PyTorch's outputs for the same weights. */

const SD = fullKl();
const DECODER = ['decoder.', 'post_quant_conv.', 'bn.'];
/** Rounding gives half a level, and may tip over to the next one. */
const LEVELS = 0.51;
const DECODE = { scale: 1, method: 'bicubic' } as const;

describe('full decoders, in one piece and in pieces', () => {
  const cases: [FamilyId, reference: string, shapes: Shapes][] = [
    ['sd15', 'kl-original', toOriginalNames(klShapes(SD))],
    ['sdxl', 'kl-sd', klShapes(SD)],
    ['flux1', 'kl-flux1', klShapes({ ...SD, channels: 16, quantConv: false })],
    ['flux2', 'kl-flux2', klShapes({ ...SD, channels: 32, batchNorm: true })],
  ];

  test.each(cases)('%s (%s)', { timeout: 120_000 }, async (family, reference, shapes) => {
    const file = checkpoint(shapes, DECODER);
    const entry = entryOf(file, 'full', 'decoder', family);
    const engine = await openEngine(file, entry);
    const rgb = readReferences(reference).tensors.get('decode_6x4')!;
    const latent = latentFor(entry, 6, 4);
    const whole = await upscaleToPicture(engine, latent, { ...DECODE, decoder: 'full' });
    const tiled = await upscaleToPicture(engine, latent, { ...DECODE, decoder: 'full', tile: 4 });
    expect(worstLevel(whole.picture, rgb)).toBeLessThan(LEVELS);
    expect(worstLevel(tiled.picture, rgb)).toBeLessThan(LEVELS);
    expect(tiled.picture.writes.every((count) => count === 1)).toBe(true);
    expect(whole.report.memory.split).toBeUndefined();
    expect(tiled.report.memory.split!.pieces.length).toBeGreaterThan(10);
    expect(tiled.report.memory.plannedBytes).toBeLessThanOrEqual(tiled.report.memory.budgetBytes);
  });
});

test('full encoders, in one piece and in pieces, take pictures to model space', {
  timeout: 60_000,
}, async () => {
  const widths = [32, 32, 64, 64];
  const shapes = klShapes({ ...SD, encoderWidths: widths, decoderWidths: widths });
  const file = checkpoint(shapes, ['encoder.', 'quant_conv.']);
  const entry = entryOf(file, 'full', 'encoder', 'sdxl');
  expect(entry).toMatchObject({ architecture: 'kl-encoder', space: 'decoder' });
  const [width, height] = [112, 64];
  const rgba = new Uint8ClampedArray(4 * width * height).map(
    (_, i) => 128 + 100 * Math.sin(i / 7) + (i % 13),
  );
  const encode = async (buffer?: number) => {
    const engine = await openEngine(file, entry, buffer ? { memory: { buffer } } : {});
    const seen: number[] = [];
    const { data } = await engine.encode(
      { width, height, rgba },
      {
        family: 'sdxl',
        encoder: 'full',
        onProgress: ({ phase, total }) => void (phase === 'encode' && seen.push(total)),
      },
    );
    return { data, runs: seen.at(-1)! };
  };
  const weights = makeWeights(shapes);
  const graph = buildKlEncoder({ weights: [weights.file], height, width, precision: 'fp32' });
  const planes = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    return rgba[4 * (i % (width * height)) + Math.floor(i / (width * height))]! / 255;
  });
  const expected = (await runOnNode(graph, planes, [weights])).map((value) => value * FAMILIES.sdxl.scale);
  const [whole, split] = [await encode(), await encode(2 ** 19)];
  expect([whole.runs, split.runs > 25]).toEqual([1, true]);
  expect(relativeError(whole.data, expected)).toBeLessThan(1e-4);
  expect(relativeError(split.data, expected)).toBeLessThan(1e-4);
});

describe('TAESD from a hub', () => {
  const decoder = taesdShapes('decoder', 4, false);
  /** diffusers counts no clamp. */
  const lower = (name: string): string => name.replace(/^\d+/, (i) => `${Number(i) - 1}`);
  /** Values are those of the plain names, whatever the layout calls them. */
  const file = (change: (name: string) => string): Uint8Array => {
    const tensors = Object.entries(decoder).map(([name, shape]) => ({
      name: change(name),
      shape,
      data: randomTensor(name, shape),
    }));
    return writeTorchFile('state_dict', tensors);
  };
  const cases: [layout: string, change: (name: string) => string][] = [
    ['plain indices', (name) => name],
    ['the decoder beside an encoder', (name) => `decoder.${name}`],
    ['AutoencoderTiny', (name) => `decoder.layers.${lower(name)}`],
  ];

  test.each(cases)('%s', async (_, change) => {
    const bytes = file(change);
    const entry = entryOf(bytes, 'tiny', 'decoder', 'sdxl');
    const engine = await openEngine(bytes, entry);
    const { picture } = await upscaleToPicture(engine, latentFor(entry, 5, 7), {
      ...DECODE,
      decoder: 'tiny',
    });
    expect(worstLevel(picture, readReferences('taesd-decoder').tensors.get('5x7')!)).toBeLessThan(LEVELS);
  });

  test('taef2, which needs statistics of the whole latent', async () => {
    const bytes = checkpoint(taesdShapes('decoder', 32, true));
    const entry = entryOf(bytes, 'taef2', 'decoder', 'flux2');
    const engine = await openEngine(bytes, entry);
    const { picture } = await upscaleToPicture(engine, latentFor(entry, 5, 7), {
      ...DECODE,
      decoder: 'taef2',
    });
    const rgb = readReferences('taesd-decoder-pooled').tensors.get('5x7')!;
    expect(worstLevel(picture, rgb)).toBeLessThan(LEVELS);
  });
});

describe('LUAs by others, in decoder space', () => {
  test.each([
    ["the authors' layout, saved by PyTorch", 'lua-authors', 2],
    ["the authors' layout, saved by PyTorch", 'lua-authors', 4],
    ["BasicSR's plain layout, saved by PyTorch", 'swinir-plain', 4],
  ] as const)('%s (%s x%i)', async (_, name, scale) => {
    const read = (ending: string) => readFile(new URL(`../__fixtures__/${name}.${ending}`, import.meta.url));
    const file = new Uint8Array(await read('pth'));
    const outputs = readTensors(new Uint8Array(await read('safetensors')));
    expect(await latentError(file, 'sdxl', scale, 9, 11, outputs.get(`x${scale}_9x11`)!)).toBeLessThan(1e-4);
  });

  test("the released model's names, shapes and size", { timeout: 180_000 }, async () => {
    const { config, tensors } = readReferences('lua-full');
    const state = Object.entries(luaShapes(config as LuaConfig)).map(([name, shape]) => ({
      name,
      shape,
      data: randomTensor(name, shape),
    }));
    const file = writeTorchFile('params_ema', state);
    expect(file.length).toBeGreaterThan(219e6);
    expect(await latentError(file, 'flux1', 2, 8, 8, tensors.get('x2_8x8')!)).toBeLessThan(1e-4);
  });

  /** How far the engine's latent, put back into decoder space, is from PyTorch's. */
  async function latentError(
    file: Uint8Array,
    family: FamilyId,
    scale: 2 | 4,
    height: number,
    width: number,
    expected: Float32Array,
  ): Promise<number> {
    const entry = entryOf(file, 'theirs', 'lua', family);
    expect(entry.space).toBe('decoder');
    const engine = await openEngine(file, entry);
    const latent = latentFor(entry, height, width);
    const { latent: result } = await upscaleToPicture(engine, latent, {
      scale,
      method: 'lua',
      lua: 'theirs',
    });
    const { scale: factor, shift } = FAMILIES[family];
    return relativeError(
      result.data.map((value) => value / factor + shift),
      expected,
    );
  }
});
