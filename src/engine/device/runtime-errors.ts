import { LeapError, toLeapError } from '../../errors';

/** onnxruntime throws its own strings and those of emscripten. These parts of them have been seen. */
const LOST =
  /device (was |is )?lost|device is destroyed|DeviceLost|instance dropped|external Instance reference/i;
const NO_MEMORY =
  /out of memory|bad_alloc|failed to allocate|allocation failed|OOM|cannot enlarge memory|already aborted|array buffer allocation/i;
/** The RangeErrors of Chromium, Firefox and Safari for an array that cannot be allocated. */
const NO_ARRAY =
  /array buffer allocation|invalid (typed )?array length|allocation size overflow|out of memory|length too large/i;

const NO_ADAPTER = /get a WebGPU adapter|no supported adapters/i;

/** Throws an error of onnxruntime again, as a typed one. */
export function explainOrtError(thrown: unknown): never {
  if (thrown instanceof LeapError) throw thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (NO_ADAPTER.test(message)) {
    throw new LeapError('no-backend', 'WebGPU is not available: no adapter.', {}, { cause: thrown });
  }
  if (NO_MEMORY.test(message) || thrown instanceof RangeError) {
    throw new LeapError('out-of-memory', `Memory ran out: ${message}`, {}, { cause: thrown });
  }
  if (LOST.test(message)) {
    throw new LeapError('device-lost', `The GPU device was lost: ${message}`, {}, { cause: thrown });
  }
  throw new LeapError('internal', `onnxruntime failed: ${message}`, { runtime: true }, { cause: thrown });
}

/** Types an error that a job threw outside of onnxruntime. An array that cannot be allocated means out of memory. */
export function explainJobError(thrown: unknown): LeapError {
  if (thrown instanceof RangeError && NO_ARRAY.test(thrown.message)) {
    return new LeapError('out-of-memory', `Memory ran out: ${thrown.message}`, {}, { cause: thrown });
  }
  return toLeapError(thrown);
}
