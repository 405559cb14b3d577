import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NamedTensor, writeSafetensors } from '../../src/formats';
import type { LuaConfig } from '../../src/graph/types';
import {
  type LeapLuaShape,
  leapDecoderShapes,
  leapLuaShapes,
  luaShapes,
  type Shapes,
  SMALL_LUA,
} from '../../src/testing/graph/network-shapes';
import { randomTensor } from '../../src/testing/graph/random-weights';
import { writeModels } from './write-models';

const LUA: LuaConfig = {
  ...SMALL_LUA,
  embed_dim: 16,
  depths: [2],
  num_heads: [2],
  head_width: 8,
  skip: 'bicubic',
};
const DECODER = leapDecoderShapes({ channels: 16 });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
  await writeParts('lua', luaShapes(LUA), /^conv_first|conv_last/, LUA);
  await writeParts('decoder', DECODER, /^conv_in/, { clamp: 3 });
});
afterEach(() => rm(folder, { recursive: true }));

test('the catalogue lists every model with the sizes and hashes of its files', async () => {
  const { catalog } = await writeModels(folder);
  expect(catalog).toEqual(JSON.parse(await readFile(join(folder, 'catalog.json'), 'utf8')));
  expect(catalog.models.map((model) => model.id)).toEqual(['lua-s-flux1', 'decoder-s-flux1']);
  const lua = catalog.models[0]!;
  expect(lua.files.map((file) => file.path)).toEqual(['lua-s.trunk.safetensors', 'lua-s.flux1.safetensors']);
  expect(lua.scales).toEqual([2, 4]);
  expect(lua.graphs.map((graph) => graph.path)).toEqual(['lua-s-flux1-x2.onnx', 'lua-s-flux1-x4.onnx']);
  for (const { path, bytes, sha256 } of [...lua.files, ...lua.graphs]) {
    const content = await readFile(join(folder, path));
    expect(content.length).toBe(bytes);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
  }
});

test('LUA of our own layout may have trunks that only some families share', async () => {
  const shape: LeapLuaShape = {
    ...{ in_chans: 4, widths: [8, 8, 8], stem: 1, groups: 1, heads: 2 },
    ...{ window_size: 4, mlp_ratio: 2, middle: 1, tail: 1 },
  };
  const ends = { clamp: 3, skip: 'bicubic', residual_bound: 4, layout: 'leap' };
  await rm(join(folder, 'lua-s.trunk.safetensors'));
  await rm(join(folder, 'lua-s.flux1.safetensors'));
  for (const [trunk, family, in_chans] of [
    ['trunk-sdxl', 'sdxl', 4],
    ['trunk-sd3-flux1', 'flux1', 16],
  ] as const) {
    const shapes = leapLuaShapes({ ...shape, in_chans });
    await writeParts('lua', shapes, /^conv_first|conv_last/, { ...shape, ...ends, in_chans }, trunk, family);
  }
  const luas = (await writeModels(folder)).catalog.models.filter(({ kind }) => kind === 'lua');
  expect(luas).toMatchObject([
    { id: 'lua-s-sdxl', architecture: 'leap-lua', family: 'sdxl', space: 'model', scales: [2, 4] },
    { id: 'lua-s-flux1', architecture: 'leap-lua', family: 'flux1', space: 'model', scales: [2, 4] },
  ]);
  expect(luas.map(({ files }) => files.map(({ path }) => path))).toEqual([
    ['lua-s.trunk-sdxl.safetensors', 'lua-s.sdxl.safetensors'],
    ['lua-s.trunk-sd3-flux1.safetensors', 'lua-s.flux1.safetensors'],
  ]);
});

test('a second run changes no byte, and old graphs go', async () => {
  await writeModels(folder);
  const before = await contents();
  await writeFile(join(folder, 'lua-s-old-x2.onnx'), 'old');
  await writeModels(folder);
  expect(await contents()).toEqual(before);
});

test('the graphs run beside their weights, as any runtime would load them', async () => {
  await writeModels(folder);
  const session = await ort.InferenceSession.create(join(folder, 'lua-s-flux1-x2.onnx'));
  const dims = [1, 16, 64, 64];
  const { output } = await session.run({
    input: new ort.Tensor('float32', randomTensor('input', dims), dims),
  });
  expect(output!.dims).toEqual([1, 16, 128, 128]);
  expect((output!.data as Float32Array).every(Number.isFinite)).toBe(true);
});

test('weights that are not ours are refused by name', async () => {
  await writeFile(join(folder, 'other.safetensors'), writeSafetensors(tensors({ x: [2] })));
  await expect(writeModels(folder)).rejects.toThrow('other.safetensors');
});

/** A trunk and the file of a family; `own` matches the names of the family's tensors. */
async function writeParts(
  kind: string,
  shapes: Shapes,
  own: RegExp,
  config: object,
  trunk = 'trunk',
  family = 'flux1',
): Promise<void> {
  const files = [`${kind}-s.${trunk}.safetensors`, `${kind}-s.${family}.safetensors`];
  const base = { kind, name: 'leap-s', space: 'model', config, licence: 'Apache-2.0' };
  const parts = [
    { ...base, part: 'trunk' },
    { ...base, part: 'family', family, files },
  ];
  for (const [i, record] of parts.entries()) {
    const chosen = Object.entries(shapes).filter(([name]) => own.test(name) === (i === 1));
    const bytes = writeSafetensors(tensors(Object.fromEntries(chosen)), {
      latent_leap: JSON.stringify(record),
    });
    await writeFile(join(folder, files[i]!), bytes);
  }
}

function tensors(shapes: Shapes): NamedTensor[] {
  return Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    dtype: 'F32',
    bytes: new Uint8Array(randomTensor(name, shape).buffer),
  }));
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const hashes = names.map(async (name) => {
    return [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}
