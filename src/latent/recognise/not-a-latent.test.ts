import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTensorFile } from '../../formats';
import { errorOf } from '../../testing/error-of';
import { fileOf, guessOf, sdxl, tensorOf } from '../../testing/latent/peoples-files';
import { readLatents } from '../index';

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

describe('networks', () => {
  const zeros = (name: string, shape: number[]) =>
    tensorOf(name, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)));

  it('are not latents, though a buffer has the shape of one', () => {
    const authors = new URL('../../engine/__fixtures__/lua-authors.pth', import.meta.url);
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
