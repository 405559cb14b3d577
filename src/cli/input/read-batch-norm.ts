import { LeapError } from '../../errors';
import { type NamedTensor, readTensorFile, toFloat32 } from '../../formats';
import type { BatchNorm } from '../../latent/types';
import { readBytes } from './read-bytes';

/**
 * Reads the statistics of the batch norm from the file of a FLUX.2 VAE.
 * @throws LeapError `bad-option` when the file has none, and what reading the file throws
 */
export async function readBatchNorm(path: string): Promise<BatchNorm> {
  const { tensors } = readTensorFile(await readBytes(path));
  const find = (name: string) =>
    tensors.find((tensor) => tensor.name === name || tensor.name.endsWith(`.${name}`));
  const [mean, variance] = [find('bn.running_mean'), find('bn.running_var')];
  if (mean && variance) return { mean: listValues(mean), variance: listValues(variance) };
  throw new LeapError(
    'bad-option',
    `${path} does not hold bn.running_mean and bn.running_var. Pass a VAE of FLUX.2.`,
  );
}

const listValues = (tensor: NamedTensor): number[] => [...toFloat32(tensor)];
