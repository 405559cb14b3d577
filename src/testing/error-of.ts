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
