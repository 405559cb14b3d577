import { FAMILIES, type Latent, UNLIKELY } from '../../../client';

/** Why the picture of a latent is hardly the right one: its family was guessed, for want of a likelier one. */
export function doubtFamily({ family, provenance }: Latent): string | undefined {
  const guess = provenance.guesses.find(({ what }) => what === 'family');
  if (!guess || guess.confidence >= UNLIKELY) return undefined;
  return `This is hardly a latent of ${FAMILIES[family].name}, so expect no right picture. ${guess.reason} If you know the family, choose it.`;
}
