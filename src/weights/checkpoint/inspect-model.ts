import { type RecognisedModel, recogniseCheckpoint } from '../../graph';
import { openBlob } from './byte-source';
import { openCheckpoint } from './open-checkpoint';

/**
 * Which networks a file on this machine holds. Of a safetensors file only the header is read.
 * @throws LeapError `unsupported` for a network that is not known, `too-large`, and what the readers throw
 */
export async function inspectModel(file: Blob): Promise<RecognisedModel[]> {
  const { tensors, metadata } = await openCheckpoint(openBlob(file, 'This file'));
  return recogniseCheckpoint(tensors, metadata);
}
