import { totalmem } from 'node:os';

/**
 * Bytes of memory that this process may use: those of the machine, or fewer in a container.
 *
 * @param constrained by the operating system; 0, nothing, or more than there is where there is no limit
 */
export function memoryLimit(
  total = totalmem(),
  constrained: number | undefined = process.constrainedMemory(),
): number {
  return Math.min(total, constrained || total);
}
