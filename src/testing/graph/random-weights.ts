import { type LoadedWeights, packWeights } from '../../graph/onnx/pack-weights';

/** Random weights for tests, bit for bit the same as those of training/references/make_references.py. */

/** Packs random fp32 tensors of these shapes as one weights file. */
export function makeWeights(
  shapes: Record<string, number[]>,
  options: { path?: string; metadata?: Record<string, string> } = {},
): LoadedWeights {
  return packWeights(
    Object.entries(shapes).map(([name, shape]) => ({
      name,
      shape,
      dtype: 'F32',
      bytes: new Uint8Array(randomTensor(name, shape).buffer),
    })),
    options,
  );
}

/** Uniform values whose mean and bound follow from the tensor's role. */
export function randomTensor(name: string, shape: number[]): Float32Array<ArrayBuffer> {
  const [mean, bound] = spread(name, shape);
  const count = shape.reduce((product, size) => product * size, 1);
  const seed = fnv1a(name);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    values[i] = mean + bound * ((h >>> 8) / 2 ** 23 - 1);
  }
  return values;
}

function spread(name: string, shape: number[]): [mean: number, bound: number] {
  if (name === 'input') return [0, 1.75];
  if (name.endsWith('relative_position_bias_table')) return [0, 1];
  if (name.endsWith('running_var')) return [1, 0.25];
  if (shape.length === 1) return name.endsWith('.weight') ? [1, 0.25] : [0, 0.125];
  return [0, Math.sqrt(3 / shape.slice(1).reduce((product, size) => product * size, 1))];
}

function fnv1a(name: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 16777619);
  return hash;
}
