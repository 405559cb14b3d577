import { LeapError } from '../errors';

/** The LeapError that a function throws. @throws anything else that it throws, and an error when it throws nothing */
export function errorOf(run: () => unknown): LeapError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof LeapError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

/** `read` if the function returns, the code of a LeapError that it throws, or `foreign: ...` for any other error. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'read';
  } catch (thrown) {
    return thrown instanceof LeapError ? thrown.code : `foreign: ${thrown}`;
  }
}

/** The error with which a promise rejects. @throws an error when it does not reject */
export async function rejectionOf(promise: Promise<unknown>): Promise<LeapError> {
  const nothing = {};
  const thrown = await promise.then(
    () => nothing,
    (error: LeapError) => error,
  );
  if (thrown === nothing) throw new Error('nothing was thrown');
  return thrown as LeapError;
}
