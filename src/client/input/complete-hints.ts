import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { FAMILIES } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';
import { isLatent } from './is-latent';

/** What a latent says of itself: nothing of it is to be guessed once more. */
function hintsOf({ family }: Latent): ReadHints {
  return { family, space: 'model', layout: 'unpacked' };
}

/** Its values are those of its family, in model space: hints cannot make them others. @throws LeapError `bad-option` */
export function refuseOtherHints(latent: Latent, hints: ReadHints): void {
  const known: ReadHints = { ...hintsOf(latent), item: latent.provenance.item };
  for (const [name, value] of Object.entries(hints)) {
    if (value === undefined || name === 'name' || value === 'first') continue;
    if (value === known[name as keyof ReadHints]) continue;
    throw new LeapError(
      'bad-option',
      `This latent was read as one of ${FAMILIES[latent.family].name}, and its values were brought to that family's model space. ` +
        `To have the ${name} ${value}, read the file or the tensor itself again.`,
    );
  }
}

/**
 * The caller's hints, and what the input itself says: a latent all of it, a file its name, which structured cloning keeps
 * to itself.
 */
export function completeHints(input: unknown, hints: ReadHints = {}): ReadHints {
  if (isLatent(input)) {
    refuseOtherHints(input, hints);
    return { ...hintsOf(input), ...defined({ name: input.provenance.name || undefined }), ...hints };
  }
  const named = typeof File !== 'undefined' && input instanceof File;
  return hints.name === undefined && named ? { ...hints, name: input.name } : hints;
}
