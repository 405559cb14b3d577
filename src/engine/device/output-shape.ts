import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { BuiltGraph } from '../../graph/types';

type Ends = Pick<BuiltGraph, 'input' | 'output'>;

/** Of onnxruntime 1.30, where the tensor that was given for an output has another shape than what is computed. */
const MISMATCH = /has shape \{[\d,]*\} but the computed output shape for this run is \{([\d,]*)\}/;

/**
 * Graphs of our own always do as they say; what a stranger's gives is known when it has run.
 *
 * @param found the shape of what it gave
 */
export function wrongOutput({ input, output }: Ends, found: readonly number[]): LeapError {
  const factor = factorBetween(input.shape, found);
  const asked = factorBetween(input.shape, output.shape);
  const message =
    factor === undefined || factor === asked
      ? `The network gave [${found}], expected [${output.shape}].`
      : `The network enlarges by ${factor}, not by ${asked}.`;
  return new LeapError('bad-weights', message, {
    ...{ dims: [...found], expected: output.shape },
    ...defined({ factor: factor === asked ? undefined : factor }),
  });
}

/** What onnxruntime threw because the output has another shape, typed; undefined for everything else. */
export function readWrongOutput(ends: Ends, thrown: unknown): LeapError | undefined {
  const found = MISMATCH.exec(thrown instanceof Error ? thrown.message : String(thrown))?.[1];
  return found === undefined ? undefined : wrongOutput(ends, found.split(',').map(Number));
}

/** How many times larger a picture is than another, both [1, C, H, W]; nothing where that is not a whole number. */
function factorBetween(small: readonly number[], large: readonly number[]): number | undefined {
  const [[, , height = 0, width = 0], [batch, channels, ...sides]] = [small, large];
  const factor = (sides[0] ?? 0) / height;
  const even = sides.length === 2 && factor === (sides[1] ?? 0) / width;
  return batch === 1 && channels === 3 && even && Number.isInteger(factor) && factor >= 1
    ? factor
    : undefined;
}
