import type { Guess, LeapError } from '../../client';

/** One way to read a file, and the hints that ask for it. */
export type Candidate = NonNullable<Guess['choices']>[number];

/** The candidates that an `ambiguous` error carries. Other errors have none. */
export function readCandidates(error: LeapError): readonly Candidate[] {
  if (error.code !== 'ambiguous') return [];
  const { candidates } = error.detail;
  return Array.isArray(candidates) ? candidates.filter(isCandidate) : [];
}

/** Needed because `detail` crossed the worker without a type. */
function isCandidate(value: unknown): value is Candidate {
  return typeof value === 'object' && value !== null && 'label' in value && 'hints' in value;
}
