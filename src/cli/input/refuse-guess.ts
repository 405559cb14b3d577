import { LeapError } from '../../errors';
import { findUnlikelyFamily } from '../../latent/doubts/find-unlikely-family';
import type { Latent } from '../../latent/types';
import { sayInstead, toOption } from './say-guesses';

/**
 * Call this before a picture is made. A family that the caller chose is not a guess.
 * @throws LeapError `ambiguous` where the family was guessed and is hardly likely, with `detail.candidates`
 */
export function refuseGuess(latent: Latent): void {
  const guess = findUnlikelyFamily(latent);
  if (!guess) return;
  const candidates = [{ label: guess.value, hints: { family: latent.family } }, ...(guess.choices ?? [])];
  throw new LeapError(
    'ambiguous',
    `The family cannot be told, so no picture is made. Choose one if you know it: ${candidates.map(toOption).join(' or ')}.` +
      sayInstead({ ...guess, choices: [] }),
    { candidates },
  );
}
