import { expect, it } from 'vitest';
import type { ModelPart } from '../../client';
import { describeParts } from './describe-part';

const decoder: ModelPart = {
  kind: 'decoder',
  architecture: 'kl-decoder',
  channels: 4,
  families: ['sd15', 'sdxl'],
};

it.each<[ModelPart[], string]>([
  [[decoder], 'A decoder for latents of SD 1.5 or SDXL'],
  [[decoder, { ...decoder, kind: 'encoder' }], 'A decoder and an encoder for latents of SD 1.5 or SDXL'],
  [[{ ...decoder, kind: 'lua', families: ['flux1'] }], 'A latent upscaler for latents of FLUX.1'],
  [[{ ...decoder, kind: 'enlarger' }], 'A pixel upscaler'],
  [[{ ...decoder, kind: 'enlarger', scales: [2] }], 'A pixel upscaler that enlarges by 2'],
])('says what a file of models holds', (parts, text) => {
  expect(describeParts(parts)).toBe(text);
});
