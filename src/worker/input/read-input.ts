import { isImageData } from '../../client/input/is-image-data';
import { isRawTensor } from '../../client/input/is-raw-tensor';
import type { PlainInput } from '../../client/input/plain-input';
import type { ProgressCallback } from '../../client/protocol';
import { LeapError } from '../../errors';
import { checkFileSize, readTensorFile } from '../../formats';
import { latentFromRaw, readLatents } from '../../latent';
import type { Latent, ReadHints } from '../../latent/types';
import { SNIFF_BYTES, sniffPicture } from '../../picture';
import { allocate } from '../../weights/allocate';

/**
 * Bytes or a tensor as latents in model space. Reading a large file reports progress, as a sign of life.
 * @throws LeapError of the readers (`unknown-format`, `damaged-file`, `not-a-latent`, `ambiguous`, ...).
 */
export async function readInput(
  input: PlainInput,
  hints: ReadHints,
  onProgress: ProgressCallback,
): Promise<Latent[]> {
  if (input instanceof Blob) return readLatents(readTensorFile(await readBlob(input, onProgress)), hints);
  if (input instanceof Uint8Array) return readLatents(readTensorFile(input), hints);
  if (input instanceof ArrayBuffer) return readLatents(readTensorFile(new Uint8Array(input)), hints);
  if (isRawTensor(input)) return latentFromRaw(input, hints);
  throw new LeapError('bad-option', 'Expected a Blob, bytes, or a tensor { data, dims }.');
}

/** The input as a picture file or as pixels, if it is one of them. */
export async function asPicture(input: PlainInput): Promise<Blob | ImageData | undefined> {
  if (isImageData(input)) return input;
  if (isRawTensor(input)) return undefined;
  const type = sniffPicture(await readHead(input));
  return type === undefined ? undefined : new Blob([input as BlobPart], { type });
}

async function readHead(input: Blob | ArrayBuffer | Uint8Array): Promise<Uint8Array> {
  if (input instanceof Uint8Array) return input.subarray(0, SNIFF_BYTES);
  const head = input.slice(0, SNIFF_BYTES);
  return new Uint8Array(head instanceof Blob ? await head.arrayBuffer() : head);
}

/** Bytes between two signs of life. A slow disk reads so much within a second. */
export const READING_STEP = 1 << 25;

async function readBlob(blob: Blob, onProgress: ProgressCallback): Promise<Uint8Array> {
  checkFileSize(blob.size);
  if (blob.size <= READING_STEP) return new Uint8Array(await blob.arrayBuffer());
  const bytes = allocate(blob.size);
  for (let at = 0; at < blob.size; at += READING_STEP) {
    bytes.set(new Uint8Array(await blob.slice(at, at + READING_STEP).arrayBuffer()), at);
    onProgress({ phase: 'prepare', done: at, total: blob.size, message: 'Reading the file' });
  }
  return bytes;
}
