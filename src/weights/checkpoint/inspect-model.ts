import { type RecognisedModel, recogniseCheckpoint } from '../../graph';
import type { ModelPart } from '../types';
import { scaleInName } from './add-model';
import { openBlob } from './byte-source';
import { openCheckpoint, type ReadOptions } from './open-checkpoint';

/**
 * Which networks a file on this machine holds. Of a safetensors file only the header is read.
 * @param onProgress bytes so far and in the end, of a file that is read whole
 * @throws LeapError `unsupported` for a network that is not known, `too-large`, and what the readers throw
 */
export async function inspectModel(
  file: Blob,
  onProgress?: ReadOptions['onProgress'],
): Promise<(RecognisedModel & Pick<ModelPart, 'namedScale'>)[]> {
  const { tensors, metadata } = await openCheckpoint(openBlob(file, 'This file'), { onProgress });
  const named = file instanceof File ? scaleInName(file.name) : undefined;
  return recogniseCheckpoint(tensors, metadata).map((model) => {
    const said = named !== undefined && model.askScale?.includes(named);
    return said ? { ...model, namedScale: named } : model;
  });
}
