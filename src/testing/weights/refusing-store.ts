import type { WeightsStore } from '../../weights/types';

/** A store as a browser's in a private window may be: it is there, and refuses everything. */
export function createRefusingStore(): WeightsStore {
  const refuse = async () => {
    throw new DOMException('not in private mode', 'InvalidStateError');
  };
  return { get: refuse, set: refuse, has: refuse, delete: refuse, sizes: refuse, clear: refuse };
}
