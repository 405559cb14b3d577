import { LeapError } from '../../errors';
import type { RecognisedModel } from '../../graph/recognise/recognised-model';
import type { CatalogEntry } from '../types';

export interface TensorShape {
  name: string;
  shape: number[];
}

/**
 * Which networks a checkpoint holds, by its tensors' names and shapes.
 * @throws LeapError `unsupported`
 */
export type Recognise = (
  tensors: readonly TensorShape[],
  metadata?: Record<string, string>,
) => RecognisedModel[];

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
  const fits = findRecognisedModels(tensors, metadata, recognise).some(
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

function findRecognisedModels(
  tensors: readonly TensorShape[],
  metadata: Record<string, string>,
  recognise: Recognise,
): RecognisedModel[] {
  try {
    return recognise(tensors, metadata);
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) throw thrown;
    return [];
  }
}
