import type { LeapError, ReadHints } from '../client';

/** One way to read an ambiguous file, and the hints that ask for it. */
export interface Candidate {
  label: string;
  hints: ReadHints;
}

/** The candidates that an `ambiguous` error carries; none for any other error. */
export function readCandidates(_error: LeapError): Candidate[] {
  return [];
}
