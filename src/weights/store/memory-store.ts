import type { WeightsStore } from '../types';

/** Keeps weights as long as the page or process lives. */
export function createMemoryStore(): WeightsStore {
  const entries = new Map<string, Uint8Array>();
  return {
    get: async (key) => entries.get(key),
    set: async (key, bytes) => void entries.set(key, bytes),
    has: async (key) => entries.has(key),
    delete: async (key) => void entries.delete(key),
    sizes: async () => new Map(Array.from(entries, ([key, bytes]) => [key, bytes.length])),
    clear: async () => entries.clear(),
  };
}
