import { writeSafetensors } from '../../src/formats';
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
