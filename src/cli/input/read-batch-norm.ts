import { LeapError } from '../../errors';
import { type NamedTensor, readTensorFile, toFloat32 } from '../../formats';
import type { BatchNorm } from '../../latent/types';
import { readInput } from './read-input';

/**
 * The statistics of a FLUX.2 VAE's batch norm, from its file.
 * @throws LeapError `bad-option` when the file has none; what reading it throws
 */
export async function readBatchNorm(path: string): Promise<BatchNorm> {
  const { tensors } = readTensorFile(await readInput(path));
  const find = (name: string) =>
    tensors.find((tensor) => tensor.name === name || tensor.name.endsWith(`.${name}`));
  const [mean, variance] = [find('bn.running_mean'), find('bn.running_var')];
  if (mean && variance) return { mean: listValues(mean), variance: listValues(variance) };
  throw new LeapError(
    'bad-option',
    `${path} holds no bn.running_mean and bn.running_var; expected a VAE of FLUX.2.`,
  );
}

const listValues = (tensor: NamedTensor): number[] => [...toFloat32(tensor)];
