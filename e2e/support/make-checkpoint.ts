import { writeSafetensors } from '../../src/formats';
import { writeTorchFile } from '../../src/testing/engine/torch-file';
import { randomTensor } from '../../src/testing/graph/random-weights';
import type { TestFile } from './page-test';

/** A checkpoint with random weights. */
export function makeCheckpoint(name: string, shapes: Record<string, number[]>): TestFile {
  const tensors = Object.entries(shapes).map(([tensor, shape]) => {
    const bytes = new Uint8Array(randomTensor(tensor, shape).buffer);
    return { name: tensor, dtype: 'F32' as const, shape, bytes };
  });
  return { name, bytes: writeSafetensors(tensors) };
}

/** The same as `torch.save` writes it. @param options.key of the state dict, where it is inside another one */
export function makeTorchCheckpoint(
  name: string,
  shapes: Record<string, number[]>,
  { key, prefix = '' }: { key?: string; prefix?: string } = {},
): TestFile {
  const tensors = Object.entries(shapes).map(([tensor, shape]) => ({
    name: `${prefix}${tensor}`,
    shape,
    data: randomTensor(tensor, shape),
  }));
  return { name, bytes: writeTorchFile(key, tensors) };
}
