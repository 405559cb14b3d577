import { LeapError } from '../../errors';
import { beginsAsTorch, readTensorFile, TORCH_HEAD_BYTES } from '../../formats';
import type { RecognisedModel } from '../../graph/recognise/recognised-model';
import { openBlob } from './byte-source';
import { readHeader } from './read-checkpoint';
import type { Recognise } from './recognise';

/** Larger PyTorch files are not unpacked just to see what they are; they can still be added. */
const MAX_TORCH_BYTES = 2 ** 29;

/**
 * Which networks a file on this machine holds. Of a safetensors file only the header is read.
 * @throws LeapError `unsupported` for a network that is not known, `too-large`, and what the readers throw
 */
export async function inspectModel(file: Blob, recognise: Recognise): Promise<RecognisedModel[]> {
  const magic = new Uint8Array(await file.slice(0, TORCH_HEAD_BYTES).arrayBuffer());
  if (!beginsAsTorch(magic)) {
    const { entries, metadata } = await readHeader(openBlob(file, 'This file'));
    return recognise([...entries.values()], metadata);
  }
  if (file.size > MAX_TORCH_BYTES) {
    const message = `The file has ${file.size} bytes; PyTorch files are looked into up to ${MAX_TORCH_BYTES}.`;
    throw new LeapError('too-large', message, { bytes: file.size, limit: MAX_TORCH_BYTES });
  }
  return recognise(readTensorFile(new Uint8Array(await file.arrayBuffer())).tensors);
}
