import { LeapError } from '../../errors';
import type { Space } from '../../latent/types';

/** What an architecture finds out about its network in a checkpoint. */
export interface FoundModel {
  /** Channels of the latent. */
  channels: number;
  /** The space that the model takes and gives. */
  space: Space;
  /** Latent upscalers: the factors that they offer, one by one; or the least and the greatest. */
  scales?: number[];
  scaleRange?: [number, number];
  /** Latent upscalers whose tensors do not tell their factor: those that it may be. */
  askScale?: number[];
  /** Prefixes of the names of all tensors that it needs. */
  keep: string[];
}

/** What a file that is none of these models most likely is. */
export interface Neighbour {
  /** With its article. */
  looksLike: string;
  /** A sentence: what to do instead. */
  advice?: string;
}

/** @param what follows 'This checkpoint' */
export function refuse(
  what: string,
  tensors: readonly { name: string }[] = [],
  neighbour: Partial<Neighbour> = {},
): LeapError {
  return new LeapError('unsupported', `This checkpoint ${what.replace(/\.?$/, '.')}`, {
    count: tensors.length,
    tensors: tensors.slice(0, 8).map(({ name }) => name),
    ...neighbour,
  });
}

/**
 * The only one of the places where a checkpoint has a network; undefined where there is none.
 * @param networks in the plural
 * @throws LeapError `unsupported` where there are several: nothing says which of them is wanted
 */
export function takeOnly<T extends { prefix: string }>(found: readonly T[], networks: string): T | undefined {
  if (found.length <= 1) return found[0];
  const places = found.map(({ prefix }) => prefix || 'no prefix').join(', ');
  throw refuse(`holds several ${networks} (${places}); save the wanted one in a file of its own`);
}

/** Its result, or undefined if it throws that these are not its tensors. */
export function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (thrown) {
    if (thrown instanceof LeapError && thrown.code === 'bad-weights') return undefined;
    throw thrown;
  }
}
