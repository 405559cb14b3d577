import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type NamedTensor, readTensorFile, type TensorFile, toFloat32 } from '../formats';
import { errorOf } from '../testing/error-of';
import { randomTensor } from '../testing/graph/random-weights';
import wan from './fitted/wan-channels.json' with { type: 'json' };
import { FLUX2_BATCH_NORM } from './flux2-batch-norm';
import { readLatents } from './index';
import { packItem } from './shape/unpack';
import { type FamilyId, type Guess, type Latent, type ReadHints, SURE } from './types';

/** Files as people have them, by public reports: each kind with a small file made here from the samples' values. */

const SAMPLES = new URL('../../public/samples/', import.meta.url);
const sample = (name: string): Latent =>
  readLatents(readTensorFile(new Uint8Array(readFileSync(new URL(name, SAMPLES)))), { name })[0]!;
const flux1 = crop(sample('astronaut_flux1.latent'), 32, 32);
const flux2 = crop(sample('camera_flux2.safetensors'), 32, 32);
const sdxl = crop(sample('hubble_sdxl.latent'), 32, 48);

/** The upper left corner. */
function crop(
  { dims: [channels, rows, columns], data, ...latent }: Latent,
  height: number,
  width: number,
): Latent {
  const cut = Float32Array.from({ length: channels * height * width }, (_, at) => {
    const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    return data[(c * rows + y) * columns + x]!;
  });
  return { ...latent, dims: [channels, height, width], data: cut };
}

function tensorOf(name: string, shape: number[], values: Float32Array): NamedTensor {
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.slice().buffer) };
}

function longs(name: string, values: number[]): NamedTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dtype: 'I64', shape: [values.length], bytes };
}

function fileOf(tensors: NamedTensor[], more: Partial<TensorFile> = {}): TensorFile {
  return { container: 'safetensors', tensors, metadata: {}, ...more };
}

function guessOf(latent: Latent | undefined, what: Guess['what']): Guess {
  return latent!.provenance.guesses.find((guess) => guess.what === what)!;
}

/**
 * Latents as a VAE of the Wan family gives them: each channel normalised, and mixed otherwise than FLUX.1's. The mixing
 * is a product of rotations in fixed planes.
 */
function wanLike(space: 'model' | 'decoder'): Float32Array {
  const area = flux1.dims[1] * flux1.dims[2];
  const data = flux1.data.slice();
  for (let step = 0; step < 64; step++) {
    const [a, b] = [step % 16, (step * 7 + 3) % 16];
    if (a === b) continue;
    for (let at = 0; at < area; at++) {
      const [x, y] = [data[a * area + at]!, data[b * area + at]!];
      data[a * area + at] = (x + y) * Math.SQRT1_2;
      data[b * area + at] = (y - x) * Math.SQRT1_2;
    }
  }
  for (let c = 0; c < 16; c++) {
    const channel = data.subarray(c * area, (c + 1) * area);
    const mean = channel.reduce((sum, value) => sum + value, 0) / area;
    const deviation = Math.sqrt(channel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / area);
    const [scale, shift] = space === 'decoder' ? [wan.deviation[c]!, wan.mean[c]!] : [1, 0];
    for (let at = 0; at < area; at++) channel[at] = ((channel[at]! - mean) / deviation) * scale + shift;
  }
  return data;
}

function graphOf(loader: string, key: string, model: string): Record<string, string> {
  const prompt = {
    1: { class_type: loader, inputs: { [key]: model } },
    3: { class_type: 'KSampler', inputs: { model: ['1', 0] } },
    4: { class_type: 'SaveLatent', inputs: { samples: ['3', 0] } },
  };
  return { prompt: JSON.stringify(prompt) };
}

const VERSION: NamedTensor = {
  name: 'latent_format_version_0',
  dtype: 'F32',
  shape: [0],
  bytes: new Uint8Array(0),
};

describe('families that are not read here', () => {
  const values = wanLike('model');
  const packed = packItem(values, flux1.dims, 'packed');
  const tokens = tensorOf('latents', [1, packed.length / 64, 64], packed);
  const video = (name: string) => tensorOf(name, [1, 16, 1, 32, 32], wanLike('decoder'));

  it.each([
    ['by the name of the file', fileOf([tokens]), 'qwen_image_latents.pt', 'Qwen-Image'],
    ['by the name, in words', fileOf([tokens]), 'My Wan2.2 picture.safetensors', 'Wan'],
    [
      'by the graph',
      fileOf([video('latent_tensor'), VERSION], {
        metadata: graphOf('UNETLoader', 'unet_name', 'qwen_image_fp8.safetensors'),
      }),
      'ComfyUI_1.latent',
      'Qwen-Image',
    ],
    [
      'by the type of the text encoder',
      fileOf([video('latent_tensor'), VERSION], { metadata: graphOf('CLIPLoader', 'type', 'hunyuan_video') }),
      'ComfyUI_1.latent',
      'Hunyuan',
    ],
    ['by the axes', fileOf([video('latent_tensor'), VERSION]), 'ComfyUI_1.latent', 'Qwen-Image, Wan'],
    [
      'by the axes under the key of nodes',
      fileOf([video('samples')], { container: 'npz' }),
      'x.npz',
      'Qwen-Image, Wan',
    ],
    [
      'by metadata of ai-toolkit',
      fileOf([tensorOf('latent', [16, 1, 32, 32], values)], { metadata: { latent_space_version: 'wan21' } }),
      'x',
      'Wan',
    ],
    [
      'by metadata of musubi-tuner',
      fileOf([tensorOf('latents_1x32x32_float32', [16, 1, 32, 32], values)], {
        metadata: { architecture: 'framepack' },
      }),
      'x',
      'Hunyuan',
    ],
    [
      'of a channel count that none has',
      fileOf([tensorOf('latents', [1, 12, 1, 8, 8], values.subarray(0, 768))]),
      'mochi_preview.pt',
      'Mochi',
    ],
    [
      'of Sana',
      fileOf([tensorOf('latents', [1, 32, 8, 8], values.subarray(0, 2048))]),
      'sana_1600M_latents.pt',
      'Sana',
    ],
  ])('are refused with their name, %s', (_, file, name, says) => {
    const { code, message, detail } = errorOf(() => readLatents(file, { name }));
    expect(message).toContain(says);
    expect([code, message.includes('is not read here') || message.includes('which is not read')]).toEqual([
      'unsupported',
      true,
    ]);
    expect(detail.candidates).toBeInstanceOf(Array);
  });

  it.each([
    ['mochi.pt', 12, []],
    ['qwen_image.pt', 16, ['sd3', 'flux1']],
  ])('%s of %i channels: only families with as many are offered', (name, channels, families) => {
    const file = fileOf([tensorOf('latents', [1, channels, 1, 8, 8], values.subarray(0, channels * 64))]);
    const { message, detail } = errorOf(() => readLatents(file, { name }));
    expect(detail.candidates).toEqual(
      families.map((family) => expect.objectContaining({ hints: { family } })),
    );
    expect(message.includes('choose a family')).toBe(families.length > 0);
  });

  it.each([
    [[1, 48, 1, 8, 8], 'Wan'],
    [[12, 8, 8], 'Mochi'],
    [[1, 64, 9, 9], 'Hunyuan'],
  ])('are named for a shape [%s] that none here has', (shape, says) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const file = fileOf([tensorOf('latents', shape, new Float32Array(count))]);
    expect(errorOf(() => readLatents(file)).message).toContain(says);
  });

  it('are read when somebody says that the name means nothing', () => {
    const [latent] = readLatents(fileOf([tokens]), { name: 'qwen.pt', family: 'flux1', space: 'model' });
    expect(latent!.data).toEqual(values);
  });

  it.each(['model', 'decoder'] as const)('are a faint guess by their values, in %s space', (space) => {
    const data = wanLike(space);
    const [latent] = readLatents(fileOf([tensorOf('latents', [1, 16, 32, 32], data)], { container: 'npy' }));
    const guess = guessOf(latent, 'family');
    expect(guess.confidence).toBeLessThan(0.5);
    expect(guess.reason).toContain('Qwen-Image, Wan');
    expect(guess.alternatives).toContain('Qwen-Image');
    expect(guessOf(latent, 'space').confidence).toBeLessThanOrEqual(0.5);
  });

  it.each([0.3, 1, 2.4, 40])('are a faint guess where they are white, in a scale of %d', (scale) => {
    const white = randomTensor('input', [32, 24, 24]).map((value) => value * scale);
    const [latent] = readLatents(fileOf([tensorOf('latents', [1, 32, 24, 24], white)], { container: 'npy' }));
    const guess = guessOf(latent, 'family');
    expect(guess.confidence).toBeLessThan(0.5);
    expect(guess.reason).toContain('Hunyuan, Sana');
  });

  it.each([
    ['mochi-mix_xl.safetensors', 'sdxl'],
    ['anima-xl.safetensors', 'sdxl'],
    ['SusanaMix_sd15.safetensors', 'sd15'],
  ])('are not meant by a fine-tune of four channels called %s', (model, family) => {
    const metadata = graphOf('CheckpointLoaderSimple', 'ckpt_name', model);
    const tensor = tensorOf(
      'latent_tensor',
      [1, ...sdxl.dims],
      sdxl.data.map((value) => value / 0.13025),
    );
    const [latent] = readLatents(fileOf([tensor, VERSION], { metadata }));
    expect(latent!.family).toBe(family);
  });
});

describe('tokens that are not of 2x2 patches', () => {
  const rows = (shape: number[]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return tensorOf('latents', shape, randomTensor('input', [count]));
  };

  it.each<[string, NamedTensor, Partial<TensorFile>, string, string]>([
    ['LTX by the name of the file', rows([2, 60, 128]), {}, 'ltx_video_0.9.pt', 'LTX'],
    ['LTX without a batch', rows([60, 128]), {}, 'ltxv-2b.npy', 'LTX'],
    [
      'LTX by a model beside it',
      rows([1, 60, 128]),
      { container: 'torch-zip', metadata: { model: 'Lightricks/LTX-Video' } },
      'x.pt',
      'LTX',
    ],
    ['LTX by the name of the tensor', { ...rows([1, 60, 128]), name: 'ltx_latents' }, {}, 'x', 'LTX'],
    ['ACE-Step', rows([1, 8, 16, 20]), {}, 'ace_step_song.pt', 'an audio model'],
    ['ACE-Step in tokens', rows([1, 200, 64]), {}, 'ace-step-1.5.pt', 'an audio model'],
    ['Stable Audio', rows([4, 64, 96]), {}, 'stable_audio_open.safetensors', 'an audio model'],
    [
      'audio by the pipeline beside it',
      rows([1, 200, 64]),
      { metadata: { pipeline: 'StableAudioPipeline' } },
      'x',
      'an audio model',
    ],
  ])('are refused with their name: %s', (_, tensor, more, name, says) => {
    const { code, message } = errorOf(() => readLatents(fileOf([tensor], more), { name }));
    expect([code, message]).toEqual([
      'unsupported',
      expect.stringContaining(`This is a latent of ${says}, which is not read here.`),
    ]);
  });

  it.each([
    [[1, 256, 128], 'flux2', 'LTX'],
    [[1, 256, 64], 'flux1', 'an audio model'],
  ] as const)('are one of several where nothing is named: %j', (shape, family, rival) => {
    const [latent] = readLatents(fileOf([rows([...shape])], { container: 'npy' }));
    expect(latent!.family).toBe(family);
    const guess = guessOf(latent, 'family');
    expect(guess.confidence).toBeLessThan(0.5);
    expect(guess.alternatives).toContain(rival);
    expect(guess.reason).toContain(rival);
  });

  it('the question for their size says what else they may be', () => {
    const { code, message } = errorOf(() => readLatents(fileOf([rows([1, 60, 128])])));
    expect([code, message]).toEqual(['ambiguous', expect.stringContaining('It may also be a latent of LTX')]);
  });

  it.each([
    ['FLUX.1', flux1],
    ['FLUX.2', flux2],
  ])('are not suspected in a latent of %s', (_, { data, dims }) => {
    const packed = packItem(data, dims, 'packed');
    const tokens = tensorOf('latents', [1, packed.length / dims[0] / 4, dims[0] * 4], packed);
    const guess = guessOf(readLatents(fileOf([tokens]), { space: 'model' })[0], 'family');
    expect(guess.confidence).toBeGreaterThanOrEqual(0.5);
  });
});

describe('what a file says of itself', () => {
  it.each<[string, Record<string, string>, FamilyId]>([
    ['latent', { latent_space_version: 'sdxl' }, 'sdxl'],
    ['latent', { latent_space_version: 'sd1' }, 'sd15'],
    ['latents_32x48_bf16', { architecture: 'sdxl' }, 'sdxl'],
    ['latents_32x48_float32', { architecture: 'sd_v1' }, 'sd15'],
  ])('%s with %j', (name, metadata, family) => {
    const [latent] = readLatents(fileOf([tensorOf(name, [...sdxl.dims], sdxl.data)], { metadata }));
    expect(latent!.family).toBe(family);
    expect(guessOf(latent, 'family').confidence).toBeGreaterThanOrEqual(SURE);
  });

  it('the LATENT dict of ComfyUI nodes is in decoder space; its mask is not a latent', () => {
    const values = sdxl.data.map((value) => value / 0.13025);
    const mask = tensorOf('noise_mask', [1, 32, 32], new Float32Array(1024).fill(1));
    const file = fileOf([tensorOf('samples', [1, ...sdxl.dims], values), mask], {
      metadata: { batch_index: '[0]' },
    });
    const [latent] = readLatents(file);
    expect(latent!.provenance).toMatchObject({ writer: 'ComfyUI', tensor: 'samples', space: 'decoder' });
    expect(guessOf(latent, 'tensor')).toBeUndefined();
    expect(latent!.provenance.remarks).toEqual([expect.stringContaining('noise mask of 32x32')]);
    expect(latent!.provenance.remarks![0]).toContain('100 %');
  });

  it.each([
    ['metadata', { metadata: { batch_index: '[5, 2]' } }, []],
    ['a tensor', {}, [longs('batch_index', [5, 2])]],
  ] as const)('items have the numbers of their batch, from %s', (_, more, beside) => {
    const two = Float32Array.of(...sdxl.data, ...sdxl.data.map((value) => -value));
    const file = fileOf([tensorOf('samples', [2, ...sdxl.dims], two), ...beside], more);
    const numbers = (hints: ReadHints = {}) =>
      readLatents(file, hints).map(({ provenance }) => provenance.item);
    expect(numbers()).toEqual([5, 2]);
    expect(numbers({ item: 2 })).toEqual([2]);
    expect(readLatents(file, { item: 2 })[0]!.data[0]).toBe(readLatents(file)[1]!.data[0]);
    expect(errorOf(() => numbers({ item: 0 })).code).toBe('bad-option');
  });

  it.each(['[0, 0]', '[1]', '[-1, 2]', '[0.5, 1]', '{"0": 1}', '[', 'null'])(
    'items are counted where their numbers are %s',
    (indices) => {
      const two = Float32Array.of(...sdxl.data, ...sdxl.data);
      const file = fileOf([tensorOf('samples', [2, ...sdxl.dims], two)], {
        metadata: { batch_index: indices },
      });
      expect(readLatents(file).map(({ provenance }) => provenance.item)).toEqual([0, 1]);
    },
  );

  it('reads the resolution that the name says, else the largest one', () => {
    const small = tensorOf('latents_16x16', [16, 16, 16], flux1.data.subarray(0, 4096));
    const large = tensorOf('latents_32x32', [16, 32, 32], flux1.data);
    const companion = longs('original_size_32x32', [0, 0]);
    const file = fileOf([small, large, companion], { container: 'npz' });
    const read = (name: string) => readLatents(file, { name })[0]!.provenance.tensor;
    expect(read('a_flux.npz')).toBe('latents_32x32');
    expect(read('a_0128x0128_flux.npz')).toBe('latents_16x16');
    expect(guessOf(readLatents(file, { name: 'a_flux.npz' })[0], 'tensor').alternatives).toEqual([
      'latents_16x16',
    ]);
  });
});

describe('FLUX.2 in decoder space', () => {
  const { mean, variance } = FLUX2_BATCH_NORM;
  const [channels, height, width] = flux2.dims;
  const decoder = flux2.data.map((value, at) => {
    const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    const patch = c * 4 + (y % 2) * 2 + (x % 2);
    return value * Math.sqrt(variance[patch]! + 1e-4) + mean[patch]!;
  });

  it('is known by its values, and comes back by the published batch norm', () => {
    const [latent] = readLatents(
      fileOf([tensorOf('', [1, channels, height, width], decoder)], { container: 'torch-zip' }),
    );
    expect(latent!.provenance.space).toBe('decoder');
    expect(guessOf(latent, 'space').confidence).toBeGreaterThan(0.5);
    latent!.data.forEach((value, at) => {
      expect(value).toBeCloseTo(flux2.data[at]!, 5);
    });
  });
});

describe('batches, steps and sides', () => {
  const packed = packItem(flux1.data, flux1.dims, 'packed');
  const repeat = (count: number) => {
    const all = new Float32Array(packed.length * count);
    for (let item = 0; item < count; item++) all.set(packed, item * packed.length);
    return all;
  };

  it.each([
    ['four pictures, which could be one of four channels', [4, 256, 64], 4],
    ['three', [3, 256, 64], 3],
    ['one with an axis too many', [1, 1, 256, 64], 1],
  ])('packed tokens: %s', (_, shape, items) => {
    const latents = readLatents(fileOf([tensorOf('', shape, repeat(items))], { container: 'torch-zip' }));
    expect(latents.map(({ family }) => family)).toEqual(new Array(items).fill('flux1'));
    for (const { data } of latents) expect(data).toEqual(flux1.data);
  });

  it('packed tokens of FLUX.2 with an axis too many', () => {
    const tokens = packItem(flux2.data, flux2.dims, 'packed');
    const tensor = tensorOf('', [1, 1, 256, 128], tokens);
    const [latent, ...others] = readLatents(fileOf([tensor], { container: 'torch-zip' }));
    expect([latent!.family, latent!.dims, others]).toEqual(['flux2', [32, 32, 32], []]);
    expect(latent!.data).toEqual(flux2.data);
  });

  it('a picture of four channels is not taken for tokens', () => {
    const wide = sample('hubble_sdxl.latent');
    const [latent, ...others] = readLatents(fileOf([tensorOf('latents', [...wide.dims], wide.data)]));
    expect([latent!.dims, others.length]).toEqual([wide.dims, 0]);
  });

  it('of sampling steps the last is read, of unlike pictures the first', () => {
    let state = 1;
    const noise = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    const step = (share: number) => sdxl.data.map((value) => value * share + noise() * 3 * (1 - share));
    const steps = [0, 0.3, 0.6, 0.8, 1].map((share, at) => tensorOf(`${at}`, [1, ...sdxl.dims], step(share)));
    const hints: ReadHints = { family: 'sdxl', space: 'model' };
    const [last] = readLatents(fileOf(steps, { container: 'torch-zip' }), hints);
    expect(last!.data).toEqual(toFloat32(steps[4]!));
    expect(guessOf(last, 'tensor')).toMatchObject({ value: '4', alternatives: ['0', '1', '2', '3'] });
    const apart = [0, 1, 2].map((at) =>
      tensorOf(`${at}`, [1, 4, 8, 8], Float32Array.from({ length: 256 }, noise)),
    );
    expect(readLatents(fileOf(apart), hints)[0]!.provenance.tensor).toBe('0');
  });

  it('an encoder gives mean and log variance, which are not a latent of FLUX.2', () => {
    const moments = new Float32Array(flux1.data.length * 2).fill(-12);
    moments.set(flux1.data);
    const file = fileOf([tensorOf('moments', [32, 32, 32], moments)]);
    expect(errorOf(() => readLatents(file)).message).toContain('first 16');
    expect(
      errorOf(() => readLatents(fileOf([tensorOf('moments', [8, 32, 32], moments.subarray(0, 8192))])))
        .message,
    ).toContain('first 4');
  });
});

describe('models, and other files that are not latents', () => {
  const weights = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      tensorOf(`layers.${at}.weight`, [4, 4, 3, 3], new Float32Array(144)),
    );

  it('a checkpoint is called a model', () => {
    const { code, message } = errorOf(() => readLatents(fileOf(weights(3))));
    expect(code).toBe('not-a-latent');
    expect(message).toBe('This is a model, not a latent: it holds 3 weights, such as layers.0.weight.');
  });

  it('a tensor that is asked for by its name is read, whatever it is called', () => {
    const file = fileOf([tensorOf('latents.weight', [...sdxl.dims], sdxl.data)]);
    expect(errorOf(() => readLatents(file)).message).toContain('a model');
    const [latent] = readLatents(file, { tensor: 'latents.weight', family: 'sdxl', space: 'model' });
    expect(latent!.data).toEqual(sdxl.data);
  });

  it('a latent beside weights is found', () => {
    const file = fileOf([...weights(2), tensorOf('latents', [...sdxl.dims], sdxl.data)]);
    expect(readLatents(file)[0]!.provenance.tensor).toBe('latents');
  });

  it('tens of thousands of tensors are looked through, and a few are offered', () => {
    const one = sdxl.data.subarray(0, 256);
    const many = Array.from({ length: 50_000 }, (_, at) =>
      tensorOf(`${'n'.repeat(at % 3 ? 10 : 500)}${at}`, [4, 8, 8], one),
    );
    const [latent] = readLatents(fileOf(many), { family: 'sdxl', space: 'model' });
    const guess = guessOf(latent, 'tensor');
    expect(guess.choices).toHaveLength(64);
    expect(guess.reason).toContain('50000');
    expect(guess.alternatives.every((name) => name.length <= 200)).toBe(true);
  });

  it.each(['I8', 'C64', 'BOOL'] as const)('%s in the shape of a latent is named as such', (dtype) => {
    const bytes = new Uint8Array(256 * (dtype === 'C64' ? 8 : 1));
    const file = fileOf([{ name: 'latents', dtype, shape: [1, 4, 8, 8], bytes }]);
    const { code, message } = errorOf(() => readLatents(file));
    expect(code).toBe('not-a-latent');
    expect(message).toContain(dtype);
    expect(message).not.toContain('channels-last');
  });

  it('values that become infinite on the way to model space are refused', () => {
    const huge = new Float32Array(16 * 64).fill(3e38);
    const file = fileOf([tensorOf('latents', [1, 16, 8, 8], huge)]);
    expect(errorOf(() => readLatents(file, { family: 'sd3', space: 'decoder' })).code).toBe('not-a-latent');
  });
});

describe('metadata of strangers', () => {
  it.each([
    ['an object in place of a link', { 1: { class_type: 'A', inputs: { a: [{ toString: 1 }, 0] } } }],
    ['an object in place of a type', { 1: { class_type: { a: 1 }, inputs: { model: 7 } } }],
  ])('%s says nothing', (_, prompt) => {
    const tensor = tensorOf('latent_tensor', [1, ...sdxl.dims], sdxl.data);
    const file = fileOf([tensor, VERSION], { metadata: { prompt: JSON.stringify(prompt) } });
    expect(readLatents(file)).toHaveLength(1);
  });

  it('20 000 brackets in a graph say nothing', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const tensor = tensorOf('latent_tensor', [1, ...sdxl.dims], sdxl.data);
    for (const text of [deep, `{"1":{"class_type":"A","inputs":{"a":[${deep},0]}}}`]) {
      const workflow = `{"nodes":[{"id":${deep}}],"links":[[1,${deep},0,${deep}]]}`;
      expect(readLatents(fileOf([tensor, VERSION], { metadata: { prompt: text, workflow } }))).toHaveLength(
        1,
      );
      expect(
        readLatents(fileOf([tensor, VERSION], { metadata: { workflow, latent_leap: deep } })),
      ).toHaveLength(1);
    }
  });

  it('a name of 300 kB does not become a message', () => {
    const file = fileOf([tensorOf('n'.repeat(300_000), [3, 8, 8], new Float32Array(192))]);
    expect(errorOf(() => readLatents(file)).message.length).toBeLessThan(600);
  });
});

describe('networks', () => {
  const zeros = (name: string, shape: number[]) =>
    tensorOf(name, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)));

  it('are not latents, though a buffer has the shape of one', () => {
    const authors = new URL('../engine/__fixtures__/lua-authors.pth', import.meta.url);
    const file = readTensorFile(new Uint8Array(readFileSync(authors)));
    expect(errorOf(() => readLatents(file))).toMatchObject({ code: 'not-a-latent', detail: { model: true } });
  });

  it.each([
    'layers.0.attn_mask',
    'unet.down.hada_w1_a',
    'unet.down.lokr_w2',
    'unet.down.oft_blocks',
    'unet.down.dora_scale',
    'state.0.exp_avg',
    'state.0.exp_avg_sq',
    'emb_params',
    'pos_embed',
    'blocks.0.modulation',
    'noises.noise_3',
  ])('are told by the name %s alone', (name) => {
    const error = errorOf(() => readLatents(fileOf([zeros(name, [4, 16, 16])])));
    expect(error).toMatchObject({ code: 'not-a-latent', detail: { model: true } });
    expect(error.message).toContain(name);
  });

  it('are told by their parameters, whatever the buffers are called', () => {
    const parameters = zeros('head.weight', [8, 8]);
    const error = errorOf(() => readLatents(fileOf([zeros('head.table', [4, 16, 16]), parameters])));
    expect(error).toMatchObject({ code: 'not-a-latent', detail: { model: true } });
  });

  it('may lie beside a latent that is called so', () => {
    const file = fileOf([zeros('head.weight', [8, 8]), tensorOf('out.latents.0', sdxl.dims, sdxl.data)]);
    expect(readLatents(file)[0]!.provenance.tensor).toBe('out.latents.0');
  });
});
