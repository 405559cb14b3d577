import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTensorFile } from '../../formats';
import { readLatents } from '..';
import { familiesWith } from '../families';
import { latentFromRaw } from '../latent-from-raw';
import { toDecoderSpace } from '../model-space';
import { packItem } from '../shape/unpack';
import type { FamilyId, Latent, Space } from '../types';
import { claimNamed } from './claims';
import { findNamedModel } from './comfyui-graph';
import { familyFromName } from './name-hints';
import { fitsShape } from './named-fits';
import { measure, rankReadings } from './statistics';

const SAMPLES = new URL('../../../public/samples/', import.meta.url);
const samples = JSON.parse(readFileSync(new URL('samples.json', SAMPLES), 'utf8')) as {
  file: string;
  family: FamilyId;
}[];

function readSample(file: string): Latent {
  return readLatents(readTensorFile(new Uint8Array(readFileSync(new URL(file, SAMPLES)))), {
    name: file,
  })[0]!;
}

describe('names', () => {
  it.each([
    ['v1-5-pruned-emaonly.safetensors', 'sd15'],
    ['sd-v1-4.ckpt', 'sd15'],
    ['v2-1_768-ema-pruned.ckpt', 'sd15'],
    ['vae-ft-mse-840000-ema-pruned.safetensors', 'sd15'],
    ['sd_xl_base_1.0.safetensors', 'sdxl'],
    ['sdxl_vae.safetensors', 'sdxl'],
    ['juggernautXL_v9Rundiffusion.safetensors', 'sdxl'],
    ['ponyDiffusionV6XL.safetensors', 'sdxl'],
    ['sd3.5_large.safetensors', 'sd3'],
    ['sd3_medium_incl_clips_t5xxlfp16.safetensors', 'sd3'],
    ['flux1-dev-fp8.safetensors', 'flux1'],
    ['flux1-schnell.sft', 'flux1'],
    ['FLUX1/ae.safetensors', 'flux1'],
    ['z_image_turbo_bf16.safetensors', 'flux1'],
    ['flux2-dev.safetensors', 'flux2'],
    ['flux-2-klein-4b.safetensors', 'flux2'],
    ['my_picture_0001', undefined],
  ])('%s is %s', (name, family) => {
    expect(familyFromName(name)).toEqual(family && { family });
  });

  it.each([
    'qwen_image_fp8_e4m3fn.safetensors',
    'wan2.1_vae.safetensors',
    'wan2.2_t2v_high_noise_14B.safetensors',
  ])('%s is not read here', (name) => {
    expect(familyFromName(name)).toHaveProperty('foreign');
  });
});

describe('values that are scaled otherwise', () => {
  it.each([
    ['raccoon_sdxl.safetensors', 100, 0.4, /far more than the usual 7\.7 of SDXL in decoder space/],
    ['camera_flux2.safetensors', 40, 0.4, /far more than the usual/],
    ['raccoon_sdxl.safetensors', 1, 0.95, /as usual in model space/],
  ])('%s times %d: at most %d sure', (file, times, most, says) => {
    const { family, dims, data } = readSample(file);
    const [latent] = latentFromRaw({ data: data.map((value) => value * times), dims }, { family });
    const guess = latent!.provenance.guesses.find(({ what }) => what === 'space')!;
    expect(guess.confidence).toBeLessThanOrEqual(most);
    expect(guess.reason).toMatch(says);
  });
});

describe('a space that the caller chose', () => {
  const { family, dims, data } = readSample('raccoon_sdxl.safetensors');
  const chosen = (space: Space) =>
    latentFromRaw({ data, dims }, { family, space })[0]!.provenance.guesses.find(
      ({ what }) => what === 'space',
    )!;

  it('stands, and is doubted where the values are those of the other', () => {
    expect(chosen('model')).toMatchObject({ value: 'model', confidence: 1, reason: 'It was chosen.' });
    const doubted = chosen('decoder');
    expect(doubted.value).toBe('decoder');
    expect(doubted.confidence).toBeLessThan(0.5);
    expect(doubted.reason).toMatch(
      /^It was chosen. But the values have .*, which is more like the other space\.$/,
    );
  });
});

describe('names of two families', () => {
  it.each([
    ['stage_a_sdxl', [1, 4, 32, 32], 'sdxl'],
    ['flux1-anima-mix', [1, 16, 32, 32], 'flux1'],
    ['cosmos_flux1_merge', [1, 16, 32, 32], 'flux1'],
    ['wan-style-flux1-dev', [1, 16, 32, 32], 'flux1'],
  ])('%s is rather the one that is read here', (name, shape, family) => {
    const named = familyFromName(`${name}.safetensors`, fitsShape(shape));
    expect(named).toMatchObject({ family, besides: expect.any(String) });
    const { confidence, reason } = claimNamed(named, 0.8, 'Its name.').family!;
    expect(confidence).toBeLessThan(0.75);
    expect(reason).toContain('also speaks of');
  });

  it('gives way to the channels', () => {
    const named = familyFromName('stage_c_sdxl.safetensors', fitsShape([1, 16, 24, 24]));
    expect(named).toEqual({ foreign: 'cascade' });
  });

  it('a style that is called after Qwen does not make the family Qwen', () => {
    const named = familyFromName('qwenstyle_flux1_dev.safetensors', fitsShape([1, 16, 32, 32]));
    expect(named).toEqual({ family: 'flux1' });
    for (const name of ['qwen_image', 'qwenimage', 'Qwen-Image-Edit', 'QwenImageEdit', 'qwen2.5'])
      expect(familyFromName(name)).toEqual({ foreign: 'qwen' });
  });

  it('finds the channels of a foreign family in the last of three axes, too', () => {
    expect(familyFromName('wan22.npy', fitsShape([30, 52, 48]))).toEqual({ foreign: 'wan' });
  });
});

describe('ComfyUI graphs', () => {
  const save = { class_type: 'SaveLatent', inputs: { samples: ['3', 0] } };

  it('follows the links from the node that saved', () => {
    const prompt = {
      1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
      2: { class_type: 'UNETLoader', inputs: { unet_name: 'flux1-dev.safetensors' } },
      3: { class_type: 'KSampler', inputs: { model: ['2', 0] } },
      9: save,
    };
    expect(findNamedModel({ prompt: JSON.stringify(prompt) })?.model).toBe('flux1-dev.safetensors');
  });

  it('does not take a text encoder or a LoRA for the model', () => {
    const prompt = {
      1: { class_type: 'CLIPLoader', inputs: { clip_name: 't5xxl_fp16.safetensors' } },
      3: { class_type: 'LoraLoader', inputs: { lora_name: 'sdxl_lora.safetensors', clip: ['1', 0] } },
      9: save,
    };
    expect(findNamedModel({ prompt: JSON.stringify(prompt) })).toBeUndefined();
  });

  it('reads the editor graph if there is no prompt', () => {
    const workflow = {
      nodes: [
        { id: 1, type: 'CheckpointLoaderSimple', widgets_values: ['sd3.5_medium.safetensors'] },
        { id: 2, type: 'SaveLatent', widgets_values: ['latents/flux1'] },
      ],
      links: [[1, 1, 0, 2, 0, 'LATENT']],
    };
    expect(findNamedModel({ workflow: JSON.stringify(workflow) })?.model).toBe('sd3.5_medium.safetensors');
  });

  describe('other models beside the one of the latent', () => {
    const lora = (from: string) => ({
      class_type: 'LoraLoaderModelOnly',
      inputs: { model: [from, 0], lora_name: 'x' },
    });
    const flux = {
      1: { class_type: 'UNETLoader', inputs: { unet_name: 'flux1-dev.safetensors' } },
      2: lora('5'),
      3: { class_type: 'KSampler', inputs: { positive: ['6', 0], latent_image: ['7', 0], model: ['2', 0] } },
      5: lora('1'),
      6: { class_type: 'CLIPTextEncode', inputs: { text: ['8', 0], clip: ['9', 0] } },
      9: save,
    };
    const find = (nodes: object) => findNamedModel({ prompt: JSON.stringify({ ...flux, ...nodes }) })?.model;

    it.each([
      ['OllamaGenerate', { model: 'qwen2.5:7b' }],
      ['AILab_QwenVL', { model_name: 'Qwen3-VL-4B-Instruct' }],
      ['Qwen2_VQA', { model: 'Qwen2.5-VL-7B-Instruct' }],
      ['QwenVLLoader', { model_name: 'Qwen3-VL-4B-Instruct' }],
      ['LLMLoader', { model: 'qwen3.gguf' }],
    ])('%s writes a prompt', (class_type, inputs) => {
      const node = { class_type, inputs };
      expect(find({ 8: node })).toBe('flux1-dev.safetensors');
      // The same where the name of the input does not tell.
      const encode = { class_type: 'CLIPTextEncode', inputs: { anything: ['8', 0] } };
      expect(find({ 6: encode, 8: node })).toBe('flux1-dev.safetensors');
    });

    it.each([
      ['UpscaleModelLoader', { model_name: '4x_sdxl_photo.pth' }],
      ['LatentUpscaleModelLoader', { model_name: 'hunyuanvideo15_latent_upsampler.safetensors' }],
      ['ControlNetLoader', { model: 'qwen_image_control.safetensors' }],
      ['IPAdapterModelLoader', { model_name: 'ip-adapter_sdxl.safetensors' }],
      ['CLIPVisionLoader', { model_name: 'wan21_clip_vision.safetensors' }],
      ['LoraLoader', { model_name: 'sdxl_detail.safetensors' }],
      ['UltralyticsDetectorProvider', { model_name: 'sdxl_faces.pt' }],
    ])('%s loads something else', (class_type, inputs) => {
      const first = { class_type: 'Anything', inputs: { any: ['8', 0] } };
      expect(find({ 7: first, 8: { class_type, inputs } })).toBe('flux1-dev.safetensors');
    });

    it('does not follow the picture that was encoded to what made it', () => {
      const nodes = {
        7: { class_type: 'VAEEncode', inputs: { pixels: ['8', 0] } },
        8: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
      };
      expect(find(nodes)).toBe('flux1-dev.safetensors');
    });

    it.each([
      ['NunchakuQwenImageDiTLoader', 'model_name', 'svdq-int4-qwen-image.safetensors'],
      ['unCLIPCheckpointLoader', 'ckpt_name', 'v2-1-unclip-h.ckpt'],
      ['LTXVLoader', 'ckpt_name', 'ltx-video-2b.safetensors'],
      ['Checkpoint Selector', 'ckpt_name', 'sd_xl_base_1.0.safetensors'],
      ['Efficient Loader', 'ckpt_name', 'sd_xl_base_1.0.safetensors'],
      ['UnetLoaderGGUF', 'unet_name', 'qwen-image-Q4_K_M.gguf'],
    ])('%s loads the model', (class_type, input, name) => {
      expect(find({ 1: { class_type, inputs: { [input]: name } } })).toBe(name);
    });

    it.each([
      ['EmptySanaLatentImage', 'sana'],
      ['EmptyQwenImageLayeredLatentImage', 'qwen'],
      ['TextEncodeQwenImageEditPlus', 'qwen'],
      ['EmptyLTXVLatentVideo', 'ltx'],
      ['WanImageToVideo', 'wan'],
      ['EmptyAceStepLatentAudio', 'audio'],
    ])('%s is for one family only', (class_type, foreign) => {
      const prompt = {
        1: { class_type, inputs: {} },
        3: { class_type: 'KSampler', inputs: { latent_image: ['1', 0] } },
        9: save,
      };
      const found = findNamedModel({ prompt: JSON.stringify(prompt) });
      expect(found).toEqual({ model: `the node ${class_type}`, named: { foreign } });
    });

    it('tells them apart in the graph of the editor, too', () => {
      const node = (id: number, type: string, ...widgets_values: string[]) => ({ id, type, widgets_values });
      const workflow = {
        nodes: [
          node(1, 'Efficient Loader', 'flux1-dev.safetensors', 'a portrait, qwen style'),
          node(2, 'KSampler'),
          node(3, 'CLIPTextEncode'),
          node(4, 'DownloadAndLoadVLM', 'qwen2.5'),
          node(5, 'Reroute'),
          node(9, 'SaveLatent'),
        ],
        links: [
          [1, 2, 0, 9, 0, 'LATENT'],
          [2, 3, 0, 2, 0, 'CONDITIONING'],
          [3, 4, 0, 3, 0, 'STRING'],
          [4, 5, 0, 2, 1, 'MODEL'],
          [5, 1, 0, 5, 0, 'MODEL'],
        ],
      };
      expect(findNamedModel({ workflow: JSON.stringify(workflow) })?.model).toBe('flux1-dev.safetensors');
    });
  });

  it.each(['', 'null', '[]', '{"1":null}', '{"1":{"inputs":[[]]}}', '{"nodes":[null],"links":[null]}', '{'])(
    'takes nothing from %s',
    (text) => {
      expect(findNamedModel({ prompt: text })).toBeUndefined();
      expect(findNamedModel({ workflow: text })).toBeUndefined();
    },
  );

  it('comes to an end when a graph goes in circles', () => {
    const prompt = { 3: { class_type: 'A', inputs: { a: ['9', 0] } }, 9: save };
    expect(findNamedModel({ prompt: JSON.stringify(prompt) })).toBeUndefined();
  });
});

describe('statistics of the samples', () => {
  it.each(samples)('$file is what it is', ({ file, family }) => {
    const { provenance, family: found } = readSample(file);
    expect(found).toBe(family);
    expect(provenance.guesses.every(({ confidence }) => confidence >= 0.5)).toBe(true);
  });

  it('tells the space of every sample from its values alone', () => {
    for (const { file, family } of samples) {
      if (family === 'flux2') continue;
      const { data, dims } = readSample(file);
      const raw = data.slice();
      expect(rankReadings(measure(raw, dims[0]), [family])[0]!.space).toBe('model');
      toDecoderSpace(raw, dims, family, undefined);
      expect(rankReadings(measure(raw, dims[0]), [family])[0]!.space).toBe('decoder');
    }
  });

  it('finds the family of at least five in six from the values alone', () => {
    const telling = samples.filter(({ family }) => family !== 'flux2');
    const right = telling.filter(({ file, family }) => {
      const { data, dims } = readSample(file);
      return rankReadings(measure(data, dims[0]), familiesWith(dims[0]))[0]!.family === family;
    });
    expect(right.length / telling.length).toBeGreaterThan(5 / 6 - 0.01);
  });

  it('trusts the values more than a key that others use, too', () => {
    for (const { file, family } of samples) {
      const { data, dims } = readSample(file);
      if (dims[0] !== 16) continue;
      for (const space of ['model', 'decoder'] as const) {
        const values = data.slice();
        if (space === 'decoder') toDecoderSpace(values, dims, family, undefined);
        const bytes = new Uint8Array(values.buffer);
        const tensor = { name: 'latent', dtype: 'F32' as const, shape: [1, ...dims], bytes };
        const [latent] = readLatents({ container: 'torch-zip', tensors: [tensor], metadata: {} });
        expect([file, latent!.family, latent!.provenance.space]).toEqual([file, family, space]);
      }
    }
  });

  it.each([
    // 1024 tokens of nothing: only the name can tell.
    ['flux_512_x4.pt', [16, 64, 64], 0.85],
    ['flux_1024x256.pt', [16, 32, 128], 0.85],
    ['flux_0256x1024_a.pt', [16, 128, 32], 0.85],
    ['flux_1512.pt', [16, 64, 64], 0.6],
    ['flux_5120.pt', [16, 64, 64], 0.6],
    ['step_512.5.pt', [16, 64, 64], 0.6],
    ['flux_512x768.pt', [16, 64, 64], 0.6],
  ] as const)('%s says the size of packed tokens', (name, [, height, width], confidence) => {
    const bytes = new Uint8Array(1024 * 64 * 4);
    const tensor = { name: 'latents', dtype: 'F32' as const, shape: [1, 1024, 64], bytes };
    const [latent] = readLatents({ container: 'torch-zip', tensors: [tensor], metadata: {} }, { name });
    expect(latent!.dims.slice(1)).toEqual([height, width]);
    expect(latent!.provenance.guesses.find(({ what }) => what === 'size')!.confidence).toBe(confidence);
  });

  it('believes the name more than the picture, but not surely', () => {
    // Rows of 16 tokens, of which the name says that they are of 32.
    const rows = Float32Array.from({ length: 1024 * 64 }, (_, at) => {
      const [row, column] = [at >> 10, (at >> 6) % 16];
      return column * ((at % 8) - 3.5) + row / 4;
    });
    const tensor = {
      name: 'latents',
      dtype: 'F32' as const,
      shape: [1, 1024, 64],
      bytes: new Uint8Array(rows.buffer),
    };
    const read = (name: string) =>
      readLatents({ container: 'torch-zip', tensors: [tensor], metadata: {} }, { name })[0]!;
    const sizeOf = (name: string) => read(name).provenance.guesses.find(({ what }) => what === 'size')!;
    expect(read('flux.pt').dims).toEqual([16, 128, 32]);
    expect(read('flux_512.pt').dims).toEqual([16, 64, 64]);
    expect(sizeOf('flux_512.pt')).toMatchObject({ confidence: 0.6 });
    expect(sizeOf('flux_512.pt').alternatives[0]).toContain('256 × 1024 px');
    // Some programs write the height first.
    expect(read('flux_1024x256.pt').dims).toEqual([16, 128, 32]);
    expect(sizeOf('flux_1024x256.pt').confidence).toBe(0.97);
  });

  it('finds the width of packed tokens in the picture', () => {
    for (const { file } of samples) {
      const { data, dims, family } = readSample(file);
      const [channels, height, width] = dims;
      if (channels === 4) continue;
      const packed = packItem(data, dims, 'packed');
      const shape = [1, (height * width) / 4, channels * 4];
      const tensor = { name: 'latents', dtype: 'F32' as const, shape, bytes: new Uint8Array(packed.buffer) };
      const patched = family === 'sd3' ? [] : [tensor];
      for (const one of patched) {
        const [back] = readLatents({ container: 'npy', tensors: [one], metadata: {} }, { space: 'model' });
        expect(back!.dims).toEqual(dims);
        expect(back!.data).toEqual(data);
      }
    }
  });
});
