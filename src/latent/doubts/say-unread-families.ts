import type { Guess } from '../types';

/** A sentence about the families that a latent may be of, but that cannot be chosen, as they are not read; or nothing. */
export function sayUnreadFamilies({
  what,
  alternatives,
  choices = [],
}: Pick<Guess, 'what' | 'alternatives' | 'choices'>): string {
  if (what !== 'family') return '';
  const read = new Set(choices.map(({ hints }) => String(hints.family)));
  const unread = alternatives.filter((one) => !read.has(one));
  return unread.length > 0 ? `It may also be of a family that is not supported: ${unread.join(', ')}.` : '';
}
