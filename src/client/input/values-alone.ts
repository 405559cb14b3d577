import type { PlainInput } from './plain-input';

/**
 * The input with a buffer of its own: a view that is cloned or moved to a worker takes its whole buffer along, which may
 * be a runtime's memory, and memory that threads share cannot be moved. Everything else is returned as it is.
 */
export function valuesAlone(input: PlainInput): PlainInput {
  // Not slice(): that of Node's Buffer is a view too.
  if (input instanceof Uint8Array) return fills(input) ? input : new Uint8Array(input);
  if (!('dims' in input) || fills(input.data)) return input;
  return { ...input, data: input.data.slice() };
}

/** Whether the array is all that its buffer holds. */
function fills({ buffer, byteLength }: ArrayBufferView): boolean {
  const shared = typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
  return !shared && byteLength === buffer.byteLength;
}
