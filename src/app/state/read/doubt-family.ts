import { FAMILIES, type Latent } from '../../../client';
import { findUnlikelyFamily } from '../../../latent/find-unlikely-family';

/** Why the picture of a latent is hardly the right one: its family was guessed, for want of a likelier one. */
export function doubtFamily(latent: Latent): string | undefined {
  const guess = findUnlikelyFamily(latent);
  if (!guess) return undefined;
  return `This is hardly a latent of ${FAMILIES[latent.family].name}, so expect no right picture. ${guess.reason} If you know the family, choose it.`;
}
