import { expect, it } from 'vitest';
import { latentFromRaw } from '../latent-from-raw';
import type { Guess, Latent } from '../types';
import { doubtLatent } from './doubt-latent';

function guessed(confidence: number, what: Guess['what'] = 'family'): Latent {
  const guess = { what, value: 'flux2', confidence, reason: 'It could be of Sana.', alternatives: [] };
  return { family: 'flux2', provenance: { guesses: [guess] } } as unknown as Latent;
}

it('doubts a family that was guessed for want of a likelier one', () => {
  const { code, message } = doubtLatent(guessed(0.05))!;
  expect(code).toBe('doubtful-family');
  expect(message).toMatch(/^This is hardly a latent of FLUX\.2, .* It could be of Sana\.$/);
});

it('says nothing of likelier guesses, and of those that are not of the family', () => {
  expect(doubtLatent(guessed(0.1))).toBeUndefined();
  expect(doubtLatent(guessed(0.05, 'space'))).toBeUndefined();
});

it.each(['sd15', 'sd3', 'flux1', 'flux2'] as const)(
  'says of a %s latent of one value that it holds no picture, with the value that it was given',
  (family) => {
    const channels = { sd15: 4, sd3: 16, flux1: 16, flux2: 32 }[family];
    const data = new Float32Array(channels * 16).fill(0.5);
    const doubt = () => {
      const raw = { data: data.slice(), dims: [1, channels, 4, 4] };
      return doubtLatent(latentFromRaw(raw, { family, space: 'decoder' })[0]!);
    };
    const message = 'All values are 0.5: there is no picture in it.';
    expect(doubt()).toEqual({ code: 'doubtful-values', message });
    data[5] = 1;
    expect(doubt()?.code).not.toBe('doubtful-values');
  },
);
