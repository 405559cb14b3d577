import { FAMILIES } from '../families';
import type { Guess, Latent } from '../types';

/**
 * Measured (docs/files.md): of 900 latents of families that are read one is guessed at less, of 900 of other families
 * with 16 or 32 channels all are.
 */
const MIN_CONFIDENCE = 0.1;

/** The guess at a latent's family, where it is hardly the right one. A family that the caller chose is not a guess. */
export function findUnlikelyFamily({ provenance }: Pick<Latent, 'provenance'>): Guess | undefined {
  return provenance.guesses.find(({ what, confidence }) => what === 'family' && confidence < MIN_CONFIDENCE);
}

/** Why no right picture is to be expected of the latent; undefined where its family is likely. */
export function sayUnlikelyFamily(latent: Pick<Latent, 'family' | 'provenance'>): string | undefined {
  const guess = findUnlikelyFamily(latent);
  if (!guess) return undefined;
  return `This is hardly a latent of ${FAMILIES[latent.family].name}, so expect no right picture. ${guess.reason}`;
}
