import { expect, it } from 'vitest';
import type { Guess, Latent } from '../../../client';
import { doubtFamily } from './doubt-family';

function guessed(confidence: number, what: Guess['what'] = 'family'): Latent {
  const guess = { what, value: 'flux2', confidence, reason: 'It could be of Sana.', alternatives: [] };
  return { family: 'flux2', provenance: { guesses: [guess] } } as unknown as Latent;
}

it('doubts a family that was guessed for want of a likelier one', () => {
  expect(doubtFamily(guessed(0.05))).toMatch(
    /^This is hardly a latent of FLUX\.2, .* It could be of Sana\. If/,
  );
});

it('says nothing of likelier guesses, and of those that are not of the family', () => {
  expect(doubtFamily(guessed(0.1))).toBeUndefined();
  expect(doubtFamily(guessed(0.05, 'space'))).toBeUndefined();
});
