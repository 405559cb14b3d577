import { defined } from '../../defined';
import type { Latent, ReadHints } from '../../latent/types';

/** A latent as `read()` and `upscale()` give it, or as it came from another thread or page. */
export function isLatent(input: unknown): input is Latent {
  return typeof input === 'object' && input !== null && 'family' in input && 'provenance' in input;
}

/**
 * The caller's hints, and what the input itself says: a file has a name, which structured cloning keeps to itself, and a
 * latent is not to be guessed at once more.
 */
export function completeHints(input: unknown, hints: ReadHints = {}): ReadHints {
  if (isLatent(input)) {
    const known = { family: input.family, space: 'model', layout: 'unpacked' } as const;
    return { ...known, ...defined({ name: input.provenance.name || undefined }), ...hints };
  }
  const named = typeof File !== 'undefined' && input instanceof File;
  return hints.name === undefined && named ? { ...hints, name: input.name } : hints;
}
