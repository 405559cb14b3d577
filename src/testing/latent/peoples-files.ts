import { readFileSync } from 'node:fs';
import { type NamedTensor, readTensorFile, type TensorFile } from '../../formats';
import { readLatents } from '../../latent';
import wan from '../../latent/fitted/wan-channels.json' with { type: 'json' };
import type { Guess, Latent } from '../../latent/types';

/** Small files as people have them, made of the values of the samples. */

const SAMPLES = new URL('../../../public/samples/', import.meta.url);
export const sample = (name: string): Latent =>
  readLatents(readTensorFile(new Uint8Array(readFileSync(new URL(name, SAMPLES)))), { name })[0]!;
export const flux1 = crop(sample('astronaut_flux1.latent'), 32, 32);
export const flux2 = crop(sample('camera_flux2.safetensors'), 32, 32);
export const sdxl = crop(sample('hubble_sdxl.latent'), 32, 48);

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

export function tensorOf(name: string, shape: number[], values: Float32Array): NamedTensor {
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.slice().buffer) };
}

export function longs(name: string, values: number[]): NamedTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dtype: 'I64', shape: [values.length], bytes };
}

export function fileOf(tensors: NamedTensor[], more: Partial<TensorFile> = {}): TensorFile {
  return { container: 'safetensors', tensors, metadata: {}, ...more };
}

export function guessOf(latent: Latent | undefined, what: Guess['what']): Guess {
  return latent!.provenance.guesses.find((guess) => guess.what === what)!;
}

/**
 * Latents as a VAE of the Wan family gives them: each channel normalised, and mixed otherwise than FLUX.1's. The mixing
 * is a product of rotations in fixed planes.
 */
export function wanLike(space: 'model' | 'decoder'): Float32Array {
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

export function graphOf(loader: string, key: string, model: string): Record<string, string> {
  const prompt = {
    1: { class_type: loader, inputs: { [key]: model } },
    3: { class_type: 'KSampler', inputs: { model: ['1', 0] } },
    4: { class_type: 'SaveLatent', inputs: { samples: ['3', 0] } },
  };
  return { prompt: JSON.stringify(prompt) };
}

export const VERSION: NamedTensor = {
  name: 'latent_format_version_0',
  dtype: 'F32',
  shape: [0],
  bytes: new Uint8Array(0),
};
