import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTensorFile } from '../formats';
import type { NamedTensor, TensorFile } from '../formats/types';
import { errorOf } from '../testing/error-of';
import manifest from './__fixtures__/manifest.json';
import { latentFromRaw, readLatents, writeLatent } from './index';
import { makeProvenance } from './make-provenance';
import type { Candidate, Latent, ReadHints } from './types';

interface Expected {
  file: string;
  writer?: string;
  family?: string;
  space?: string;
  hints?: ReadHints;
  sha256?: string[];
  error?: string;
  says?: string;
}

const fixtures = manifest as unknown as Expected[];

function read(file: string, hints: ReadHints = {}): Latent[] {
  const bytes = readFileSync(new URL(`__fixtures__/${file}`, import.meta.url));
  return readLatents(readTensorFile(new Uint8Array(bytes)), { name: file, ...hints });
}

function digest({ data }: Latent): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

describe('files by the conventions of their writers', () => {
  it.each(fixtures.filter(({ error }) => !error))(
    'reads $file',
    ({ file, hints, writer, family, space, sha256 }) => {
      const latents = read(file, hints);
      expect(latents.map(digest)).toEqual(sha256);
      latents.forEach((latent, item) => {
        expect(latent.family).toBe(family);
        expect(latent.dims).toEqual([{ sd15: 4, sdxl: 4, sd3: 16, flux1: 16, flux2: 32 }[family!], 6, 8]);
        expect(latent.provenance).toMatchObject({ name: file, writer, space, item, items: sha256!.length });
      });
    },
  );

  it.each(fixtures.filter(({ error }) => error))('refuses $file', ({ file, hints, error, says }) => {
    const thrown = errorOf(() => read(file, hints));
    expect(thrown.code).toBe(error);
    if (says) expect(thrown.message).toContain(says);
  });
});

describe('questions and choices', () => {
  it('offers the sizes of packed tokens, near-square first, and reads with any of them', () => {
    const { code, detail } = errorOf(() => read('diffusers_packed_flux1_unknown.pt'));
    expect(code).toBe('ambiguous');
    const candidates = detail.candidates as Candidate[];
    expect(
      candidates
        .slice(0, 2)
        .map(({ hints }) => hints)
        .toSorted((a, b) => b.width! - a.width!),
    ).toEqual([
      { width: 8, height: 6 },
      { width: 6, height: 8 },
    ]);
    for (const { hints } of candidates) {
      expect(read('diffusers_packed_flux1_unknown.pt', hints)[0]!.dims).toEqual([
        16,
        hints.height,
        hints.width,
      ]);
    }
  });

  it('derives one side from the other, and refuses sizes that do not fit', () => {
    expect(read('diffusers_packed_flux1_unknown.pt', { width: 8 })[0]!.dims).toEqual([16, 6, 8]);
    for (const hints of [
      { width: 7 },
      { width: 10 },
      { width: 8, height: 8 },
      { height: 0 },
      { height: -6 },
    ]) {
      expect(errorOf(() => read('diffusers_packed_flux1_unknown.pt', hints)).code).toBe('bad-option');
    }
    const { message } = errorOf(() => read('diffusers_packed_flux1_unknown.pt', { width: 7 }));
    expect(message).toBe('A latent of the width 7 does not have 12 tokens of 2x2.');
  });

  it('derives one side from the other, too, where the file states another size', () => {
    const dims = [16, 6, 8] as const;
    const data = Float32Array.from({ length: 16 * 6 * 8 }, (_, i) => Math.sin(i));
    const latent: Latent = { family: 'flux1', dims: [...dims], data, provenance: makeProvenance({}) };
    const file = readTensorFile(writeLatent(latent, 'safetensors', { consumer: 'diffusers' }));
    expect(readLatents(file, {})[0]!.dims).toEqual(dims);
    expect(readLatents(file, { width: 6 })[0]!.dims).toEqual([16, 8, 6]);
  });

  it('lets every decision be changed', () => {
    const [latent] = read('ComfyUI_sdxl.latent');
    const family = latent!.provenance.guesses.find(({ what }) => what === 'family')!;
    expect(family).toMatchObject({ value: 'sdxl', alternatives: ['sd15'] });
    expect(family.reason).toContain('sd_xl_base_1.0.safetensors');
    const [changed] = read('ComfyUI_sdxl.latent', { ...family.choices![0]!.hints, space: 'model' });
    expect(changed).toMatchObject({ family: 'sd15', provenance: { space: 'model' } });
  });

  it('notices that the values contradict the writer, and says so', () => {
    // The known values have standard deviation 1.1, but ComfyUI's SDXL about 7.7.
    const space = read('ComfyUI_sdxl.latent')[0]!.provenance.guesses.find(({ what }) => what === 'space')!;
    expect(space.value).toBe('decoder');
    expect(space.confidence).toBeLessThan(0.5);
    expect(space.reason).toContain('standard deviation of 1.1');
    expect(space.choices).toEqual([{ label: 'model space', hints: { space: 'model' } }]);
  });

  it('reads one item of a batch', () => {
    const all = read('batch.npy', { family: 'sdxl', space: 'model' });
    const [second] = read('batch.npy', { family: 'sdxl', space: 'model', item: 1 });
    expect(second!.data).toEqual(all[1]!.data);
    expect(second!.provenance.item).toBe(1);
    expect(errorOf(() => read('batch.npy', { item: 3 })).code).toBe('bad-option');
  });

  it('refuses a family of another channel count', () => {
    const { code, message } = errorOf(() => read('diffusers_sdxl.npy', { family: 'flux1' }));
    expect([code, message]).toEqual([
      'not-a-latent',
      expect.stringContaining('has 4 channels instead of the 16 of FLUX.1'),
    ]);
  });
});

function tensor(name: string, shape: number[], value = 0.5): NamedTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(new Float32Array(count).fill(value).buffer) };
}

function fileOf(...tensors: NamedTensor[]): TensorFile {
  return { container: 'safetensors', tensors, metadata: {} };
}

describe('shapes', () => {
  it.each([
    [[4, 6, 8], 'unpacked', [4, 6, 8], 1],
    [[2, 4, 6, 8], 'unpacked', [4, 6, 8], 2],
    [[1, 4, 1, 6, 8], 'unpacked', [4, 6, 8], 1],
    [[16, 1, 6, 8], 'unpacked', [16, 6, 8], 1],
    [[1, 128, 3, 4], 'patchified', [32, 6, 8], 1],
    [[128, 3, 4], 'patchified', [32, 6, 8], 1],
    [[1, 128, 1, 3, 4], 'patchified', [32, 6, 8], 1],
    [[1, 16, 64], 'packed', [16, 8, 8], 1],
    [[16, 128], 'packed', [32, 8, 8], 1],
    [[3, 16, 64], 'packed', [16, 8, 8], 3],
    // It is 64 positions wide, or a batch of tokens. The narrow picture is less likely.
    [[4, 4096, 64], 'packed', [16, 128, 128], 4],
    [[16, 64, 64], 'unpacked', [16, 64, 64], 1],
    // The longest side there may be.
    [[1, 4, 2, 2048], 'unpacked', [4, 2, 2048], 1],
    [[1, 4, 2048, 2], 'unpacked', [4, 2048, 2], 1],
  ])('%j is %s', (shape, layout, dims, items) => {
    const latents = readLatents(fileOf(tensor('latents', shape)));
    expect(latents.length).toBe(items);
    expect(latents[0]!.dims).toEqual(dims);
    const guess = latents[0]!.provenance.guesses.find(({ what }) => what === 'layout');
    if (guess) expect(guess.value).toBe(layout);
  });

  it.each([
    [[3, 64, 48], 'not-a-latent'],
    [[64, 48], 'not-a-latent'],
    [[64], 'not-a-latent'],
    [[], 'not-a-latent'],
    [[1, 4, 0, 8], 'not-a-latent'],
    [[1, 4, 1, 1], 'not-a-latent'],
    [[1, 4, 1, 64], 'not-a-latent'],
    [[1, 16, 5, 6, 8], 'unsupported'],
    [[1, 4, 2, 2049], 'too-large'],
    [[1, 4, 2, 16384], 'too-large'],
  ])('%j is refused as %s', (shape, code) => {
    expect(errorOf(() => readLatents(fileOf(tensor('latents', shape)))).code).toBe(code);
  });

  it.each([[[1, 128, 128, 4]], [[128, 128, 4]], [[1, 128, 128, 16]], [[1, 64, 64, 4]], [[1, 32, 32, 4]]])(
    '%j looks channels-last',
    (shape) => {
      const error = errorOf(() => readLatents(fileOf(tensor('latents', shape))));
      expect(error.code).toBe('not-a-latent');
      expect(error.message).toContain('channels-last');
    },
  );

  it.each([
    [[1, 64, 32, 32], 'Hunyuan'],
    [[1, 64, 16, 16], 'Hunyuan'],
    [[12, 32, 32], 'Mochi'],
    [[1, 48, 32, 32], 'Wan'],
  ])('%j has the channels of %s', (shape, name) => {
    const { message } = errorOf(() => readLatents(fileOf(tensor('latents', shape))));
    expect(message).toContain(`Latents of ${name}`);
    expect(message).not.toContain('channels-last');
  });

  it.each([[[1, 64, 64, 16]], [[1, 48, 48, 4]]])(
    '%j looks channels-last, though other families have so many channels',
    (shape) => {
      const { message } = errorOf(() => readLatents(fileOf(tensor('latents', shape))));
      expect(message).toContain('channels-last');
    },
  );

  it('gives no advice about axes where the picture would be a sliver', () => {
    const { message } = errorOf(() => readLatents(fileOf(tensor('latents', [1, 512, 16, 16]))));
    expect(message).not.toContain('channels-last');
  });

  it('reads a narrow FLUX.2 latent if a hint says so', () => {
    const [latent] = readLatents(fileOf(tensor('latents', [1, 128, 128, 4])), { family: 'flux2' });
    expect(latent!.dims).toEqual([32, 256, 8]);
  });

  it('takes the tensor of a usual name, and offers the others', () => {
    const file = fileOf(
      tensor('noise', [4, 6, 8], 1),
      tensor('latents', [4, 6, 8], 2),
      tensor('embeds', [1, 77, 768]),
    );
    const [latent] = readLatents(file, { family: 'sd15', space: 'model' });
    expect(latent!.data[0]).toBe(2);
    const guess = latent!.provenance.guesses.find(({ what }) => what === 'tensor')!;
    expect(guess.choices).toEqual([{ label: 'noise [4, 6, 8]', hints: { tensor: 'noise' } }]);
    expect(readLatents(file, { tensor: 'noise', family: 'sd15', space: 'model' })[0]!.data[0]).toBe(1);
    expect(errorOf(() => readLatents(file, { tensor: 'none' })).code).toBe('bad-option');
    const nested = fileOf(tensor('a', [4, 6, 8], 1), tensor('out.images.0', [4, 6, 8], 2));
    expect(readLatents(nested, { family: 'sd15', space: 'model' })[0]!.data[0]).toBe(2);
  });
});

it('names the tensors that a file has, where one is asked for that it has not', () => {
  const names = [...'abcdefghij'];
  const file = fileOf(...names.map((name) => tensor(name, [1, 4, 6, 8])));
  expect(errorOf(() => readLatents(file, { tensor: 'k' })).message).toBe(
    'The file has no tensor k. It has a, b, c, d, e, f, g, h and 2 more.',
  );
});

it('remarks that a latent of one value holds no picture', () => {
  const remarksOf = (...tensors: NamedTensor[]) => readLatents(fileOf(...tensors))[0]!.provenance.remarks;
  expect(remarksOf(tensor('latent', [1, 4, 6, 8], 0))).toEqual([
    'All values are 0: there is no picture in it.',
  ]);
  const values = Float32Array.from({ length: 192 }, (_, at) => (at === 191 ? 1 : 0));
  const bytes = new Uint8Array(values.buffer);
  expect(remarksOf({ name: 'latent', dtype: 'F32', shape: [1, 4, 6, 8], bytes })).toBeUndefined();
});

describe('tensors handed over by code', () => {
  it('takes float32, float64 and the bits of 16-bit floats', () => {
    const values = Float32Array.from({ length: 4 * 6 * 8 }, (_, i) => ((i % 64) - 32) / 16);
    const hints: ReadHints = { family: 'sd15', space: 'model' };
    const dims = [1, 4, 6, 8];
    expect(latentFromRaw({ data: values, dims }, hints)[0]!.data).toEqual(values);
    expect(latentFromRaw({ data: Float64Array.from(values), dims }, hints)[0]!.data).toEqual(values);
    const bits = new Uint16Array(192).fill(0x3e00);
    expect(latentFromRaw({ data: bits, dims, dtype: 'float16' }, hints)[0]!.data[0]).toBe(1.5);
    expect(latentFromRaw({ data: bits, dims, dtype: 'bfloat16' }, hints)[0]!.data[0]).toBe(0.125);
  });

  it('refuses what does not fit together', () => {
    const data = new Float32Array(192);
    for (const raw of [
      { data, dims: [1, 4, 6, 9] },
      { data, dims: [-1, 4, 6, -8] },
      { data, dims: [4, 6, 8], dtype: 'float16' as const },
      { data: new Uint16Array(192), dims: [4, 6, 8] },
      { data: new Uint16Array(192), dims: [4, 6, 8], dtype: 'float32' as const },
    ]) {
      expect(errorOf(() => latentFromRaw(raw)).code).toBe('bad-option');
    }
  });

  it('does not share memory with the caller', () => {
    const data = new Float32Array(192).fill(1);
    const [latent] = latentFromRaw({ data, dims: [4, 6, 8] }, { family: 'sd15', space: 'model' });
    latent!.data[0] = 5;
    expect(data[0]).toBe(1);
  });
});
