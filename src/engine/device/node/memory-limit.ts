import { totalmem } from 'node:os';

/**
 * Bytes of memory that this process may use: those of the machine, or fewer in a container.
 *
 * @param constrained the operating system's limit; 0, undefined, or more than the machine has means no limit
 */
export function memoryLimit(
  total = totalmem(),
  constrained: number | undefined = process.constrainedMemory(),
): number {
  return Math.min(total, constrained || total);
}
