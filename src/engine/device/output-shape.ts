import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { BuiltGraph } from '../../graph/types';

type Ends = Pick<BuiltGraph, 'input' | 'output'>;

/** Of onnxruntime, where the buffer that was given for an output has another shape. */
const MISMATCH = /shape verification failed\. *Current shape: *\{[\d,]*\} *Requested shape: *\{([\d,]*)\}/;

/**
 * Graphs of our own always do as they say; what a stranger's gives is known when it has run.
 *
 * @param found the shape of what it gave
 */
export function wrongOutput({ input, output }: Ends, found: readonly number[]): LeapError {
  const [factor, asked] = [found, output.shape].map((shape) => (shape[3] ?? 0) / input.shape[3]);
  const enlarges = found[1] === output.shape[1] && factor !== undefined && Number.isInteger(factor);
  const message = enlarges
    ? `The network enlarges by ${factor}, not by ${asked}.`
    : `The network gave [${found}], expected [${output.shape}].`;
  const detail = { dims: [...found], expected: output.shape };
  return new LeapError('bad-weights', message, {
    ...detail,
    ...defined({ factor: enlarges ? factor : undefined }),
  });
}

/** What onnxruntime threw because the output has another shape, typed; undefined for everything else. */
export function readWrongOutput(ends: Ends, thrown: unknown): LeapError | undefined {
  const found = MISMATCH.exec(thrown instanceof Error ? thrown.message : String(thrown))?.[1];
  return found === undefined ? undefined : wrongOutput(ends, found.split(',').map(Number));
}
