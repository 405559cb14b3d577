import { LeapError } from '../../../src/errors';
import { createMemoryStore } from '../../../src/weights/store/memory-store';
import type { WeightsStore } from '../../../src/weights/types';
import type { Random } from '../random';

/** A store that is full, fails, or gives back damaged bytes, as long as `rate` is above 0. */
export interface StrangeStore extends WeightsStore {
  /** How often a call goes wrong, 0..1. */
  rate: number;
  /** Bytes that fit. */
  limit: number;
  /** Calls that failed for a reason other than a lack of room. */
  failures: number;
}

export function createStrangeStore(random: Random, limit: number): StrangeStore {
  const store = createMemoryStore();
  const strange: StrangeStore = {
    ...store,
    rate: 0,
    limit,
    failures: 0,
    get: (key) => attempt(() => store.get(key)),
    has: (key) => attempt(() => store.has(key)),
    delete: (key) => attempt(() => store.delete(key)),
    sizes: () => attempt(() => store.sizes()),
    clear: () => attempt(() => store.clear()),
    set: (key, bytes) =>
      attempt(async () => {
        const sizes = await store.sizes();
        sizes.set(key, bytes.length);
        const used = [...sizes.values()].reduce((sum, size) => sum + size, 0);
        if (used > strange.limit) throw new LeapError('quota', 'There is no room.');
        return store.set(key, bytes);
      }),
  };
  const attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    if (random.below(1000) >= strange.rate * 1000) return run();
    strange.failures++;
    throw new DOMException('disk error', 'UnknownError');
  };
  return strange;
}
