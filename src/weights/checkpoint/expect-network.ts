import { LeapError } from '../../errors';
import { type RecognisedModel, recogniseCheckpoint } from '../../graph';
import type { CatalogEntry } from '../types';
import { checkNetwork, type TensorFacts } from './check-network';

/**
 * Checks that a file that was fetched for a catalogue entry holds the whole network.
 * @throws LeapError `bad-weights`
 */
export function expectNetwork(
  tensors: readonly TensorFacts[],
  metadata: Record<string, string>,
  { id, architecture, family, space, scales = [], scaleRange }: CatalogEntry,
): void {
  const network = findNetworks(tensors, metadata).find(
    (found) =>
      found.architecture === architecture &&
      found.space === space &&
      found.families.includes(family) &&
      scales.every((scale) => (found.scales ?? found.askScale)?.includes(scale)) &&
      `${scaleRange}` === `${found.scaleRange}`,
  );
  if (!network) {
    const message = `The file for ${id} does not hold a ${architecture} for ${family} in ${space} space.`;
    throw new LeapError('bad-weights', message, { id, architecture, family, space });
  }
  checkNetwork(tensors, metadata, network, family);
}

function findNetworks(tensors: readonly TensorFacts[], metadata: Record<string, string>): RecognisedModel[] {
  try {
    return recogniseCheckpoint(tensors, metadata);
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) throw thrown;
    return [];
  }
}
