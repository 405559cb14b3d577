/** A cautious guess for browsers that do not tell. */
const UNKNOWN_GIB = 4;

/**
 * Bytes of the machine's memory. Browsers round it, and never name more than 8 GiB (some 32). What a GPU has of
 * its own no browser tells; most share this memory.
 */
export function machineMemory(): number {
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  return (deviceMemory ?? UNKNOWN_GIB) * 2 ** 30;
}
