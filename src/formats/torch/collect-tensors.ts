import { NumpyArray } from './numpy-values';
import { type TensorView, TorchTensor } from './torch-values';

/** People save nothing that is nested deeper. What is deeper is not read. */
const MAX_DEPTH = 32;
/** Keys are shown to people. The rest of a longer one would say nothing. */
const MAX_KEY_CHARS = 200;

/** A longer list is data, not metadata; a longer text says nothing of the tensor. */
const MAX_LIST = 4096;
const MAX_TEXT_CHARS = 1000;

interface Found {
  value: unknown;
  path: string;
  depth: number;
}

export interface NamedView {
  name: string;
  view: TensorView;
}

/**
 * Every tensor in nested dicts, lists and tuples, in their order, named by the keys and indices that lead to it
 * (`state.latent`, `0`); a bare tensor has an empty name. Each object is visited once, so neither cycles nor lists of
 * the same list take longer.
 */
export function collectTensors(root: unknown): NamedView[] {
  const tensors: NamedView[] = [];
  const seen = new Set<unknown>();
  const pending: Found[] = [{ value: root, path: '', depth: 0 }];
  for (let found = pending.pop(); found; found = pending.pop()) {
    const { value, path, depth } = found;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const tensor = value instanceof NumpyArray ? value.tensor : value;
    if (tensor instanceof TorchTensor) {
      tensors.push({ name: path, view: tensor.view });
      continue;
    }
    if (depth === MAX_DEPTH) continue;
    // One by one: as arguments of a single call they would overflow the stack.
    for (const [key, child] of listChildren(value).reverse()) {
      if (typeof child !== 'object' || child === null) continue;
      pending.push({ value: child, path: path ? `${path}.${key}` : key, depth: depth + 1 });
    }
  }
  return tensors;
}

/**
 * The texts in a dict by their keys, and its lists of whole numbers as JSON: what programs say of a tensor beside it, such
 * as the name of a model, or ComfyUI's `batch_index`.
 */
export function collectMetadata(root: unknown): Record<string, string> {
  if (!(root instanceof Map)) return {};
  const texts = [...root].flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'string') return value.length <= MAX_TEXT_CHARS ? [[nameKey(key), value]] : [];
    const isList = Array.isArray(value) && value.length <= MAX_LIST && value.every(Number.isSafeInteger);
    return isList ? [[nameKey(key), JSON.stringify(value)]] : [];
  });
  return Object.fromEntries(texts);
}

function listChildren(value: object): [string, unknown][] {
  if (value instanceof Map) {
    return [...value].map(([key, child]) => [nameKey(key), child]);
  }
  return Array.isArray(value) ? value.map((child, index) => [String(index), child]) : [];
}

function nameKey(key: unknown): string {
  return typeof key === 'object' && key !== null ? '?' : String(key).slice(0, MAX_KEY_CHARS);
}
