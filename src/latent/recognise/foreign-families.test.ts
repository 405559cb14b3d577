import { describe, expect, it } from 'vitest';
import type { NamedTensor, TensorFile } from '../../formats';
import { errorOf } from '../../testing/error-of';
import { randomTensor } from '../../testing/graph/random-weights';
import {
  fileOf,
  flux1,
  flux2,
  graphOf,
  guessOf,
  sdxl,
  tensorOf,
  VERSION,
  wanLike,
} from '../../testing/latent/peoples-files';
import { readLatents } from '../index';
import { packItem } from '../shape/unpack';

describe('families that are not read here', () => {
  it('are not offered another family where they have frames, which none reads', () => {
    const shape = [1, 16, 3, 8, 8];
    const file = fileOf([tensorOf('latent_tensor', shape, new Float32Array(16 * 3 * 64)), VERSION]);
    const error = errorOf(() => readLatents(file));
    expect(error.message).toMatch(
      /Wan or another.*five axes.*It has 3 frames, and only single pictures are read\.$/,
    );
    expect(error.detail.candidates).toEqual([]);
  });

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
