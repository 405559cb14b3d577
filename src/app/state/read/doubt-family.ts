import type { Latent } from '../../../client';
import { sayUnlikelyFamily } from '../../../latent/find-unlikely-family';

/** Why the picture of a latent is hardly the right one: its family was guessed, for want of a likelier one. */
export function doubtFamily(latent: Latent): string | undefined {
  const doubt = sayUnlikelyFamily(latent);
  return doubt && `${doubt} If you know the family, choose it.`;
}
