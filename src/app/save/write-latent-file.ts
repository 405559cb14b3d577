import type { Latent, Upscaler } from '../../client';
import type { Item, Outcome } from '../state/item';
import type { UpscalerHost } from '../state/upscaler-host';
import { nameResult } from './name-result';

/** The latent as a file: how it is written, and what its name ends in. */
export interface LatentFile {
  label: string;
  /** Who reads it. */
  title: string;
  ending: string;
  write: Parameters<Upscaler['write']> extends [unknown, ...infer Rest] ? Rest : never;
}

export const LATENT_FILES: readonly LatentFile[] = [
  {
    label: 'safetensors',
    title: 'Model space, with a note of what it is',
    ending: 'safetensors',
    write: ['safetensors'],
  },
  {
    label: 'ComfyUI .latent',
    title: 'For the node LoadLatent',
    ending: 'latent',
    write: ['comfyui'],
  },
  {
    label: 'For diffusers',
    title: 'As the pipelines of diffusers pass it on',
    ending: 'diffusers.safetensors',
    write: ['safetensors', { consumer: 'diffusers' }],
  },
  { label: 'npy', title: 'The numbers alone, in model space', ending: 'npy', write: ['npy'] },
];

/** @throws LeapError of `Upscaler.write` */
export async function writeLatentFile(host: UpscalerHost, latent: Latent, file: LatentFile): Promise<Blob> {
  const bytes = await host.use((upscaler) => upscaler.write(latent, ...file.write));
  return new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' });
}

export function nameFile(item: Item, outcome: Outcome, ending: string): string {
  return `${nameResult(item, outcome)}.${ending}`;
}
