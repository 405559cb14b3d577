import { LeapError } from '../../errors';
import type { Candidate } from '../../latent/types';
import type { Networks } from './find-networks';
import { toOption } from './say-guesses';

/** How many candidates a message names. */
const MAX_NAMED = 6;

/** How many items of a batch a message lists. */
const MAX_ITEMS = 12;

/**
 * Adds to an error of reading a latent what helps on the command line: the options that decide it. If the file is a
 * model of no known kind, the message says what it lacks.
 */
export function explainReading(error: LeapError, { refusal }: Networks): LeapError {
  if (error.detail.model === true && refusal) {
    return new LeapError(error.code, `${error.message} ${refusal.message}`, error.detail);
  }
  const { item, items } = error.detail;
  if (error.code === 'bad-option' && typeof item === 'number' && Array.isArray(items)) {
    return new LeapError(error.code, sayItems(item, items as number[]), error.detail);
  }
  const candidates = Array.isArray(error.detail.candidates) ? (error.detail.candidates as Candidate[]) : [];
  if (candidates.length === 0) return error;
  const named = candidates.slice(0, MAX_NAMED).map(toOption);
  return new LeapError(error.code, `${error.message} Options: ${named.join(', or ')}.`, error.detail);
}

/** Counted from 1, as the option counts and as inspect shows them. */
function sayItems(asked: number, items: readonly number[]): string {
  const listed = items.slice(0, MAX_ITEMS).map((item) => item + 1);
  const more = items.length > listed.length ? ', ...' : '';
  return `There is no item ${asked + 1} in this batch. It has the items ${listed.join(', ')}${more}.`;
}
