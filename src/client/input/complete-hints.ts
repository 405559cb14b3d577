import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { FAMILIES } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';
import { isLatent } from './is-latent';

/** Its values are those of its family, in model space: hints cannot make them others. @throws LeapError `bad-option` */
export function refuseOtherHints({ family, provenance }: Latent, hints: ReadHints): void {
  const known: ReadHints = { family, space: 'model', layout: 'unpacked', item: provenance.item };
  for (const [name, value] of Object.entries(hints)) {
    if (value === undefined || name === 'name' || value === 'first') continue;
    if (value === known[name as keyof ReadHints]) continue;
    throw new LeapError(
      'bad-option',
      `This latent was read as one of ${FAMILIES[family].name}, and its values were brought to that family's model space. ` +
        `To have the ${name} ${value}, read the file or the tensor itself again.`,
    );
  }
}

/**
 * The caller's hints, and what the input itself says: a file has a name, which structured cloning keeps to itself, and a
 * latent is not to be guessed at once more.
 */
export function completeHints(input: unknown, hints: ReadHints = {}): ReadHints {
  if (isLatent(input)) {
    refuseOtherHints(input, hints);
    const known = { family: input.family, space: 'model', layout: 'unpacked' } as const;
    return { ...known, ...defined({ name: input.provenance.name || undefined }), ...hints };
  }
  const named = typeof File !== 'undefined' && input instanceof File;
  return hints.name === undefined && named ? { ...hints, name: input.name } : hints;
}
