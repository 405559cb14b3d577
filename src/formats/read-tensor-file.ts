import { LeapError } from '../errors';
import { explainBytes } from './explain-bytes';
import { looksLikeGzip, readGzip } from './gzip';
import { looksLikeNpy, readNpy } from './npy/npy';
import { readSafetensors } from './safetensors/safetensors';
import { looksLikeSafetensors } from './safetensors/safetensors-header';
import { looksLikeLegacyTorch, readLegacyTorch } from './torch/torch-legacy';
import type { TensorFile } from './types';
import { readZipContainer } from './zip/zip-container';
import { looksLikeZip } from './zip/zip-directory';

/** The readers of the containers, in the order in which they are tried. */
const READERS: { recognise: (bytes: Uint8Array) => boolean; read: (bytes: Uint8Array) => TensorFile }[] = [
  { recognise: looksLikeNpy, read: readNpy },
  { recognise: looksLikeZip, read: readZipContainer },
  { recognise: looksLikeLegacyTorch, read: readLegacyTorch },
  { recognise: looksLikeSafetensors, read: readSafetensors },
];

/**
 * Reads a container of tensors, recognised by its content and never by its name; also one within gzip. Tensors may be
 * views into `bytes`.
 * @throws LeapError `unknown-format` when it is none of them, `unsupported` for a bare pickle; else what the
 * container's reader throws
 */
export function readTensorFile(bytes: Uint8Array): TensorFile {
  try {
    // Slices of Node's Buffer are views of it, and no copies.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const content = looksLikeGzip(plain) ? readGzip(plain) : plain;
    const reader = READERS.find(({ recognise }) => recognise(content));
    if (!reader) throw explainBytes(content);
    return reader.read(content);
  } catch (error) {
    throw adviseOnDamage(error);
  }
}

/** A reader says what is wrong; what helps is the same for each of them. */
function adviseOnDamage(error: unknown): unknown {
  if (!(error instanceof LeapError) || error.code !== 'damaged-file' || error.detail.complete) return error;
  const detail = { ...error.detail, complete: true };
  return new LeapError(error.code, `${error.message} Copy or save the file again.`, detail, { cause: error });
}
