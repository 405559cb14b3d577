import type { LatentInput, RawTensor } from '../client/types';
import { LeapError } from '../errors';
import { readTensorFile } from '../formats';
import { latentFromRaw, readLatents } from '../latent';
import type { Latent, ReadHints } from '../latent/types';
import { SNIFF_BYTES, sniffPicture } from '../picture';

/**
 * Bytes or a tensor as latents in model space.
 * @throws LeapError of the readers (`unknown-format`, `damaged-file`, `not-a-latent`, `ambiguous`, ...).
 */
export async function readInput(input: LatentInput, hints: ReadHints): Promise<Latent[]> {
  if (input instanceof Blob) return readLatents(readTensorFile(await readBlob(input)), hints);
  if (input instanceof Uint8Array) return readLatents(readTensorFile(input), hints);
  if (input instanceof ArrayBuffer) return readLatents(readTensorFile(new Uint8Array(input)), hints);
  if (isRawTensor(input)) return latentFromRaw(input, hints);
  throw new LeapError('bad-option', 'Expected a Blob, bytes, or a tensor { data, dims }.');
}

/** The input as a picture file, if it is one. */
export async function asPicture(input: LatentInput): Promise<Blob | undefined> {
  if (isRawTensor(input)) return undefined;
  const blob = input instanceof Blob ? input : new Blob([input as BlobPart]);
  const type = sniffPicture(new Uint8Array(await blob.slice(0, SNIFF_BYTES).arrayBuffer()));
  return type === undefined ? undefined : new Blob([blob], { type });
}

/** A latent of 4096 x 4096 pixels has 32 MB. A file beyond this limit is something else. */
const MAX_FILE_BYTES = 1 << 30;

async function readBlob(blob: Blob): Promise<Uint8Array> {
  if (blob.size > MAX_FILE_BYTES) {
    throw new LeapError('too-large', `The file has ${blob.size} bytes; a latent has no more than 1 GiB.`, {
      bytes: blob.size,
      limit: MAX_FILE_BYTES,
    });
  }
  return new Uint8Array(await blob.arrayBuffer());
}

function isRawTensor(input: unknown): input is RawTensor {
  return typeof input === 'object' && input !== null && 'data' in input && 'dims' in input;
}
