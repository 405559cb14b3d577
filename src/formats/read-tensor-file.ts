import { LeapError } from '../errors';
import { looksLikeNpy, readNpy } from './npy/npy';
import { readSafetensors } from './safetensors/safetensors';
import { looksLikeSafetensors } from './safetensors/safetensors-header';
import { explainOldTorch } from './torch/torch-zip';
import type { TensorFile } from './types';
import { readZipContainer } from './zip/zip-container';
import { looksLikeZip } from './zip/zip-directory';

/** In the order they are tried; a new container is one line here. */
const CONTAINERS: { recognise: (bytes: Uint8Array) => boolean; read: (bytes: Uint8Array) => TensorFile }[] = [
  { recognise: looksLikeNpy, read: readNpy },
  { recognise: looksLikeZip, read: readZipContainer },
  { recognise: looksLikeSafetensors, read: readSafetensors },
];

/**
 * Reads a container of tensors, recognised by its content and never by its name. Tensors may be views into `bytes`.
 * @throws LeapError `unknown-format` when it is none of them, `unsupported` for a bare pickle; else what the
 * container's reader throws
 */
export function readTensorFile(bytes: Uint8Array): TensorFile {
  const container = CONTAINERS.find(({ recognise }) => recognise(bytes));
  if (container) return container.read(bytes);
  const old = explainOldTorch(bytes);
  if (old) throw new LeapError('unsupported', old);
  throw new LeapError(
    'unknown-format',
    'This is no file of tensors that is known here; expected safetensors (.latent too), npy, npz or a PyTorch zip.',
    { bytes: bytes.length, head: [...bytes.subarray(0, 8)] },
  );
}
