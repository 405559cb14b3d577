import type { Progress } from '../../engine/types';

/** Milliseconds between two lines; what takes less has none. */
const EVERY_MS = 10_000;

/**
 * A listener that says how far a long job is, at most every ten seconds. Lines, so that they can be read in a log too.
 *
 * @param say writes a line
 * @param now milliseconds of a clock that is never set back
 */
export function sayProgress(
  say: (line: string) => void,
  now: () => number = performance.now.bind(performance),
): (progress: Progress) => void {
  let last = now();
  return ({ message }) => {
    if (now() - last < EVERY_MS) return;
    last = now();
    say(`${message} ...`);
  };
}
