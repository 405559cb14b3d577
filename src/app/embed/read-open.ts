import { LeapError, type RawTensor, type ReadHints, type Scale } from '../../client';
import { MAX_OPEN_BYTES } from '../../client/open/messages';
import { defined } from '../../defined';
import { FACTORS_TAKEN, isFactor } from '../../factor';
import { formatBytes } from '../text/format';

/** A latent that another page has sent. */
export interface OpenRequest {
  id: string;
  name: string;
  /** A file, or a tensor as it came. */
  input: File | RawTensor;
  hints: ReadHints;
  scale: Scale | undefined;
}

const MAX_NAME = 200;

/**
 * What a message of the type `open` asks for. Nothing in it is trusted: hints and tensors are checked where they are
 * read, like those of every caller.
 * @throws LeapError `bad-option`, `too-large`
 */
export function readOpen(message: Record<string, unknown>): OpenRequest {
  const { id, input, hints = {}, scale } = message;
  if (typeof id !== 'string' || id === '' || id.length > MAX_NAME)
    refuse(`id, a text of 1 to ${MAX_NAME} characters`);
  if (typeof hints !== 'object' || hints === null) refuse('hints, an object');
  if (scale !== undefined && !isFactor(scale)) refuse(`scale, ${FACTORS_TAKEN}`);
  const name = nameOf(message);
  return { id, name, input: toInput(input, name), hints: hints as ReadHints, scale };
}

function toInput(input: unknown, name: string): OpenRequest['input'] {
  if (input instanceof Blob) return toFile(input, input.size, name, input.type);
  if (input instanceof ArrayBuffer) return toFile(input, input.byteLength, name);
  if (input instanceof Uint8Array) return toFile(input as Uint8Array<ArrayBuffer>, input.byteLength, name);
  if (typeof input === 'object' && input !== null) {
    const { data, dims, dtype } = input as Partial<RawTensor>;
    if (ArrayBuffer.isView(data) && typeof dims === 'object') {
      checkSize(data.byteLength);
      return { data, dims, ...defined({ dtype }) };
    }
  }
  refuse('input, the bytes of a file or a tensor { data, dims, dtype }');
}

function toFile(part: BlobPart, bytes: number, name: string, type = ''): File {
  checkSize(bytes);
  return new File([part], name, { type });
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_OPEN_BYTES) return;
  throw new LeapError(
    'too-large',
    `A latent of ${formatBytes(bytes)} was sent to this page. It takes up to ${formatBytes(MAX_OPEN_BYTES)}.`,
    { bytes, maxBytes: MAX_OPEN_BYTES },
  );
}

function nameOf({ name, input }: Record<string, unknown>): string {
  const given = name ?? (input instanceof File ? input.name : undefined);
  return typeof given === 'string' && given.trim() ? given.slice(0, MAX_NAME) : 'latent';
}

function refuse(expected: string): never {
  throw new LeapError('bad-option', `The message open needs ${expected}.`);
}
