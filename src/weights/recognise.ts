import { LeapError } from '../errors';
import type { FamilyId, Space } from '../latent/types';
import type { Architecture, CatalogEntry, ModelKind } from './types';

/** A network that a checkpoint holds. */
export interface Candidate {
  architecture: Architecture;
  kind: ModelKind;
  channels: number;
  /** Whose latents have that many channels. */
  families: FamilyId[];
  space: Space;
  scales?: number[];
  /** Prefixes of the names of its tensors. */
  keep: string[];
}

export interface TensorShape {
  name: string;
  shape: number[];
}

/**
 * Which networks a checkpoint holds, by its tensors' names and shapes.
 * @throws LeapError `unsupported`
 */
export type Recognise = (tensors: readonly TensorShape[], metadata?: Record<string, string>) => Candidate[];

/** Where nobody says how networks are recognised, nothing is taken from a hub or from a person. */
export const recogniseNothing: Recognise = () => {
  throw new LeapError('unsupported', 'This program takes its own models only.');
};

/**
 * Checks that a file that was fetched for a catalogue entry holds that network.
 * @throws LeapError `bad-weights`
 */
export function expectNetwork(
  tensors: readonly TensorShape[],
  metadata: Record<string, string>,
  { id, architecture, family, scales = [] }: CatalogEntry,
  recognise: Recognise,
): void {
  const fits = findCandidates(tensors, metadata, recognise).some(
    (found) =>
      found.architecture === architecture &&
      found.families.includes(family) &&
      scales.every((scale) => found.scales?.includes(scale)),
  );
  if (fits) return;
  throw new LeapError('bad-weights', `The file for ${id} holds no ${architecture} for ${family}.`, {
    id,
    architecture,
    family,
  });
}

function findCandidates(
  tensors: readonly TensorShape[],
  metadata: Record<string, string>,
  recognise: Recognise,
): Candidate[] {
  try {
    return recognise(tensors, metadata);
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) throw thrown;
    return [];
  }
}
