import { expose } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLatent } from '../../testing/engine/test-models';
import { createUpscaler, openUpscaler } from '../create-upscaler';
import { createDecoderSession } from '../session/decoder-session';
import type { Upscaler } from '../types';

const latent = makeLatent('sdxl', 4, 4);
const channel = new MessageChannel();
let upscaler: Upscaler;

beforeAll(async () => {
  expose({ open: async () => false }, channel.port2 as unknown as Parameters<typeof expose>[1]);
  upscaler = await openUpscaler(channel.port1);
});

afterAll(async () => {
  await upscaler.close();
  channel.port1.close();
  channel.port2.close();
});

describe('what callers get wrong', () => {
  const wish = { scale: 2, method: 'lua' } as const;

  it.each<[string, () => Promise<unknown>]>([
    ['options that are none', () => createUpscaler(null as never)],
    ['an unknown backend', () => createUpscaler({ backend: 'cuda' as never })],
    ['an unknown precision', () => createUpscaler({ precision: 'int8' as never })],
    ['an unknown thread', () => createUpscaler({ thread: 'that' as never })],
    ['a budget that is not a number', () => createUpscaler({ memory: { budget: Number.NaN } })],
    ['a negative budget', () => createUpscaler({ memory: { buffer: -1 } })],
    ['a limit of zero', () => createUpscaler({ limits: { start: 0 } })],
    ['a limit that no timer keeps', () => createUpscaler({ limits: { silence: Number.POSITIVE_INFINITY } })],
    ['hosts that are not a list', () => createUpscaler({ modelHosts: 'https://a.b' as never })],
    ['half a thread', () => createUpscaler({ runtime: { threads: 1.5 } })],
    ['a callback that is none', () => createUpscaler({ onNotice: 'x' as never })],
    [
      'an onnxruntime that is not there yet',
      () => createUpscaler({ thread: 'this', ort: import('onnxruntime-node') as never }),
    ],
    ['a device for another thread', () => createUpscaler({ device: {} as never })],
    ['a worker that is a number', () => createUpscaler({ worker: 7 as never })],
    ['an unknown family', () => upscaler.read(new Uint8Array(8), { family: 'sd9' as never })],
    ['an unknown space', () => upscaler.read(new Uint8Array(8), { space: 'outer' as never })],
    [
      'a batch norm of FLUX.1',
      () => upscaler.read(new Uint8Array(8), { family: 'flux1', batchNorm: { mean: [], variance: [] } }),
    ],
    ['an item below zero', () => upscaler.read(new Uint8Array(8), { item: -1 })],
    ['hints that are null', () => upscaler.readAll(new Uint8Array(8), null as never)],
    ['no options', () => upscaler.upscale(latent, undefined as never)],
    ['a scale of 7', () => upscaler.upscale(latent, { ...wish, scale: 7 })],
    ['three passes', () => upscaler.upscale(latent, { ...wish, passes: 3 as never })],
    ['three passes of models', () => upscaler.checkModels({ family: 'sd15', scale: 2, passes: 3 as never })],
    ['models for a size', () => upscaler.checkModels({ family: 'sd15', scale: 2, width: 8 } as never)],
    ['a tile of a half', () => upscaler.upscale(latent, { ...wish, tile: 0.5 })],
    ['a decoder that is not a name', () => upscaler.upscale(latent, { ...wish, decoder: 7 as never })],
    ['a signal that is none', () => upscaler.upscale(latent, { ...wish, signal: {} as never })],
    ['an unknown output', () => upscaler.upscale(latent, { ...wish, output: 'jpeg' as never })],
    ['tiles of a tensor', () => upscaler.upscale(latent, { ...wish, output: 'tensor', onTile: () => {} })],
    ['a canvas that is none', () => upscaler.upscale(latent, { ...wish, canvas: {} as never })],
    ['an unknown format', () => upscaler.write(latent, 'gguf' as never)],
    ['an unknown consumer', () => upscaler.write(latent, 'npy', { consumer: 'me' as never })],
    ['an unknown dtype', () => upscaler.write(latent, 'npy', { dtype: 'F8' as never })],
    ['an id that is a number', () => upscaler.fetchModel(3 as never)],
    ['an empty id', () => upscaler.removeModel('')],
    ['a file that is none', () => upscaler.inspectModel('x' as never)],
    ['a model without a family', () => upscaler.addModel('https://a.b/c', {} as never)],
    ['a wish that is missing', () => upscaler.addModel('https://a.b/c', undefined as never)],
    ['a misspelt option', () => createUpscaler({ bakend: 'wasm' } as never)],
    ['a misspelt limit', () => createUpscaler({ limits: { strat: 1 } as never })],
    ['a misspelt option of the runtime', () => createUpscaler({ runtime: { wsam: '/a.wasm' } as never })],
    ['a misspelt hint', () => upscaler.read(new Uint8Array(8), { familly: 'sd15' } as never)],
    ['a misspelt output', () => upscaler.upscale(latent, { ...wish, ouput: 'rgba' } as never)],
    ['a misspelt consumer', () => upscaler.write(latent, 'npy', { consummer: 'diffusers' } as never)],
    ['a misspelt width', () => upscaler.warmUp({ family: 'sdxl', height: 8, width: 8, scal: 2 } as never)],
    ['a misspelt option of a session', () => createDecoderSession({ family: 'sdxl', scael: 2 } as never)],
    ['a width that is missing', () => upscaler.warmUp({ family: 'sdxl', height: 8, scale: 2 } as never)],
  ])('%s is a bad option', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'LeapError', code: 'bad-option' });
  });

  it('names the option that there is not, and those that there are', async () => {
    const read = upscaler.read(new Uint8Array(8), { familly: 'sd15' } as never);
    await expect(read).rejects.toThrow(/^The hints cannot have "familly", only family, space, .*, name\.$/);
  });

  it.each([
    ['The width', () => upscaler.warmUp({ family: 'sdxl', height: 8, scale: 2 } as never)],
    ['The family', () => upscaler.addModel('https://a.b/c', {} as never)],
    ['The format', () => upscaler.write(latent, undefined as never)],
    ["The model's id", () => upscaler.fetchModel(undefined as never)],
  ])('%s is said to be undefined where it was left out', async (what, call) => {
    await expect(call()).rejects.toThrow(new RegExp(`^${what} must be .*, not undefined\\.$`));
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a tensor', { data: new Float32Array(4), dims: [4, 1, 1] }],
    ['dims that are a text', { ...latent, dims: '4x4' }],
  ])('%s is not a latent', async (_, value) => {
    for (const call of [
      () => upscaler.upscale(value as never, wish),
      () => upscaler.preview(value as never),
      () => upscaler.write(value as never, 'npy'),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'LeapError', code: 'not-a-latent' });
    }
  });
});
