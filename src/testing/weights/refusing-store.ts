import type { WeightsStore } from '../../weights/types';

/** A store that is there and refuses everything, as in a browser's private window. */
export function createRefusingStore(): WeightsStore {
  const refuse = async () => {
    throw new DOMException('not in private mode', 'InvalidStateError');
  };
  return { get: refuse, set: refuse, has: refuse, delete: refuse, sizes: refuse, clear: refuse };
}
