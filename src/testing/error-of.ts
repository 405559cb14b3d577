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
