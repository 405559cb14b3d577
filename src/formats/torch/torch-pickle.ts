import { LeapError } from '../../errors';
import type { Budget } from '../budget';
import type { TensorFile } from '../types';
import { collectMetadata, collectTensors } from './collect-tensors';
import type { TorchHost } from './torch-host';
import { readView } from './torch-values';

/**
 * The tensors of an unpickled object with their bytes. Its texts and lists of whole numbers become metadata.
 * @param readStorage called at most once for a key
 * @throws LeapError `damaged-file`, `too-large`; `unsupported` if there is no tensor but something unknown
 */
export function readPickledTensors(
  root: unknown,
  host: TorchHost,
  readStorage: (key: string) => Uint8Array,
  budget: Budget,
): Pick<TensorFile, 'tensors' | 'leftOut' | 'metadata'> {
  const storages = new Map<string, Uint8Array>();
  const readOnce = (key: string): Uint8Array => {
    const bytes = storages.get(key) ?? readStorage(key);
    storages.set(key, bytes);
    return bytes;
  };
  const tensors = collectTensors(root).map(({ name, view }) => ({
    name,
    ...readView(view, readOnce, budget),
  }));
  const [refusal] = host.refusals;
  if (tensors.length === 0 && refusal) throw refusal;
  const leftOut = [...host.unknown, ...(refusal ? ['numpy.ndarray'] : [])];
  if (tensors.length === 0 && leftOut.length > 0) {
    const [first] = leftOut;
    throw new LeapError(
      'unsupported',
      `The file holds no plain tensor; it names ${first}, which is not known here and never run. ` +
        'Save the tensor alone: torch.save({"latent": tensor}, path).',
      { globals: leftOut, complete: true },
    );
  }
  return { tensors, leftOut, metadata: collectMetadata(root) };
}
