import type { NamedTensor } from '../types';
import { TorchTensor } from './torch-host';

interface Found {
  value: unknown;
  path: string;
}

/**
 * Every tensor in nested dicts, lists and tuples, in their order, named by the keys and indices that lead to it
 * (`state.latent`, `0`); a bare tensor has an empty name. Each object is visited once, so neither cycles nor lists of
 * the same list take longer.
 */
export function collectTensors(root: unknown): NamedTensor[] {
  const tensors: NamedTensor[] = [];
  const seen = new Set<unknown>();
  const pending: Found[] = [{ value: root, path: '' }];
  for (let found = pending.pop(); found; found = pending.pop()) {
    const { value, path } = found;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof TorchTensor) {
      tensors.push({ name: path, dtype: value.dtype, shape: value.shape, bytes: value.bytes });
      continue;
    }
    const children = listChildren(value).map(([key, child]): Found => {
      return { value: child, path: path ? `${path}.${key}` : key };
    });
    pending.push(...children.reverse());
  }
  return tensors;
}

function listChildren(value: object): [string, unknown][] {
  if (value instanceof Map) {
    return [...value].map(([key, child]) => [typeof key === 'object' ? '?' : String(key), child]);
  }
  return Array.isArray(value) ? value.map((child, index) => [String(index), child]) : [];
}
