import { LeapError } from '../../errors';
import { buildCheckGraph, CHECK, checkInput } from '../../graph';
import type { Precision } from '../../graph/types';
import { type Device, IDENTITY } from './runtime';
import { checkAnswer } from './self-check-answer';

/**
 * The largest error allowed, in units of the answer's largest value (about 2). fp32: ten times the error of software
 * adapters. fp16: one convolution alone can be off by 1e-2 (ten bits, sums of a few dozen terms).
 */
const TOLERANCE: Record<Precision, number> = { fp32: 1e-3, fp16: 3e-2 };

/**
 * Computes something known on the device. GPUs and their drivers have returned plausible nonsense before
 * (onnxruntime issues 28536, 26367, 22983), so none is trusted untested.
 *
 * @throws LeapError `bad-output` when the answer is wrong, and whatever the device throws
 */
export async function selfCheck(device: Device, precision: Precision): Promise<void> {
  const { grids } = device;
  const { channels, height, width } = CHECK;
  const session = await device.createSession(buildCheckGraph(precision), new Map());
  const input = grids.fromArray(Float32Array.from(checkInput()), [channels, height, width]);
  try {
    grids.cut(input, 0, 0, session.input, IDENTITY);
    const found = await grids.toArray(await session.run());
    device.checkHealth();
    compare(found, precision);
  } finally {
    grids.free(input);
    await session.release();
  }
}

function compare(found: Float32Array, precision: Precision): void {
  const expected = checkAnswer();
  let error = 0;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs(found[i]! - value);
    // This way round, a NaN counts as wrong.
    if (!(difference <= error)) error = difference;
    largest = Math.max(largest, Math.abs(value));
  }
  const relative = error / largest;
  if (!(relative <= TOLERANCE[precision])) {
    throw new LeapError(
      'bad-output',
      `The self-check in ${precision} was off by ${relative.toExponential(1)}, more than rounding explains.`,
      {
        precision,
        error: relative,
      },
    );
  }
}
