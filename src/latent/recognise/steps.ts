import { type NamedTensor, toFloat32 } from '../../formats';
import type { Claim } from './claims';

/** Fewer tensors of one shape are more likely a pair than steps. */
const LEAST_STEPS = 3;
/** A list with more entries is not the steps of a sampling. */
const MOST_STEPS = 1000;
/** Steps of one sampling resemble each other; pictures of a list do not. */
const ALIKE = 0.5;
const NUMBER = /\d+/g;
/** Values that are compared. */
const MAX_VALUES = 65_536;

/**
 * Which of several tensors is meant: the first, unless they are the steps of a sampling. Then it is the last, because
 * the first is noise.
 * Steps are what `callback_on_step_end` collects: tensors of one shape whose names differ in a number, each like the
 * one before.
 * @param ranked at least one, the likeliest first
 */
export function pickStep(ranked: readonly NamedTensor[]): Pick<Claim, 'tensor' | 'others' | 'choice'> {
  const [first, ...others] = ranked as [NamedTensor, ...NamedTensor[]];
  const stem = stemOf(first.name);
  const steps = ranked
    .filter(({ name, shape }) => stemOf(name) === stem && shape.join() === first.shape.join())
    .sort((a, b) => numberOf(a.name) - numberOf(b.name));
  if (steps.length < LEAST_STEPS || steps.length > MOST_STEPS || !/\d/.test(first.name))
    return { tensor: first, others };
  const [before, last] = steps.slice(-2) as [NamedTensor, NamedTensor];
  if (!areAlike(before, last)) return { tensor: first, others };
  return {
    tensor: last,
    others: ranked.filter((one) => one !== last),
    choice: {
      confidence: 0.85,
      reason: `The file holds ${steps.length} tensors like the steps of one sampling; this is the last.`,
    },
  };
}

const stemOf = (name: string): string => name.replace(NUMBER, '#');
const numberOf = (name: string): number => Number(name.match(NUMBER)?.at(-1) ?? 0);

/** Whether their values correlate. */
function areAlike(one: NamedTensor, other: NamedTensor): boolean {
  const [a, b] = [toFloat32(one), toFloat32(other)];
  const step = Math.max(1, Math.floor(a.length / MAX_VALUES));
  let [sumA, sumB, squareA, squareB, product, count] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < a.length; at += step) {
    sumA += a[at]!;
    sumB += b[at]!;
    squareA += a[at]! ** 2;
    squareB += b[at]! ** 2;
    product += a[at]! * b[at]!;
    count++;
  }
  const covariance = product / count - (sumA / count) * (sumB / count);
  const variances = (squareA / count - (sumA / count) ** 2) * (squareB / count - (sumB / count) ** 2);
  return covariance > ALIKE * Math.sqrt(Math.max(0, variances));
}
