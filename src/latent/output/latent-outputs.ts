import type { Consumer } from './consumers';
import type { LatentFormat } from './write-options';

/** A way in which people have a latent written. */
export interface LatentOutput {
  /** The word for it on the command line. */
  name: string;
  /** In the page's menu. */
  label: string;
  /** Who reads it, and how. */
  title: string;
  /** With its dot. */
  ending: string;
  format: LatentFormat;
  consumer: Consumer;
}

/** In the order in which they are offered. */
export const LATENT_OUTPUTS: readonly LatentOutput[] = [
  {
    name: 'safetensors',
    label: 'safetensors',
    title: 'Model space, with a note of what it is',
    ending: '.safetensors',
    format: 'safetensors',
    consumer: 'latent-leap',
  },
  {
    name: 'comfyui',
    label: 'ComfyUI .latent',
    title: 'For the node LoadLatent',
    ending: '.latent',
    format: 'comfyui',
    consumer: 'comfyui',
  },
  {
    name: 'diffusers',
    label: 'For diffusers',
    title: 'As the pipelines of diffusers take it as latents',
    ending: '.safetensors',
    format: 'safetensors',
    consumer: 'diffusers',
  },
  {
    name: 'npy',
    label: 'npy',
    title: 'The numbers alone, in model space',
    ending: '.npy',
    format: 'npy',
    consumer: 'latent-leap',
  },
];
