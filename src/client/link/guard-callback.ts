/**
 * A callback of the host that throws is the host's to mend: its error is reported as an uncaught one, with its own stack,
 * and the call goes on. Sent back to the worker, it would come out of it as an error of the worker's.
 */
export function guardCallback<Args extends unknown[]>(
  callback: (...args: Args) => unknown,
): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (thrown) {
      if (globalThis.reportError) globalThis.reportError(thrown);
      else console.error(thrown);
    }
  };
}
