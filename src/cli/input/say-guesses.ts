import { sayUnreadFamilies } from '../../latent/doubts/say-unread-families';
import { type Candidate, type Guess, type Latent, type ReadHints, SURE } from '../../latent/types';

/** How many alternatives are named; the others are only counted. */
const MAX_NAMED = 3;

/** A line for each guess about a latent that is not sure: what, how sure, why, and the option that changes it. */
export function sayGuesses({ provenance }: Latent): string[] {
  return provenance.guesses.filter(({ confidence }) => confidence < SURE).map(sayGuess);
}

function sayGuess(guess: Guess): string {
  const { what, value, confidence, reason } = guess;
  const percent = `${Math.round(confidence * 100)} %`;
  if (guess.chosen) return `the ${what} ${value} is doubtful. ${reason}${sayInstead(guess)}`;
  return `guessed the ${what}: ${value} (${percent}). ${reason}${sayInstead(guess)}`;
}

/** Sentences: the options that ask for something else, and the families that cannot be asked for. */
export function sayInstead(guess: Pick<Guess, 'what' | 'alternatives' | 'choices'>): string {
  const { choices = [] } = guess;
  const options = choices.slice(0, MAX_NAMED).map(toOption);
  const more = choices.length > MAX_NAMED ? `, or one of ${choices.length - MAX_NAMED} others` : '';
  const instead = options.length > 0 ? `Otherwise: ${options.join(' or ')}${more}.` : '';
  return [instead, sayUnreadFamilies(guess)]
    .filter(Boolean)
    .map((sentence) => ` ${sentence}`)
    .join('');
}

/** The options that ask for a candidate. */
export function toOption({ hints }: Candidate): string {
  return (Object.entries(hints) as [keyof ReadHints, unknown][])
    .map(([name, value]) => `--${name} ${quote(String(value))}`)
    .join(' ');
}

function quote(value: string): string {
  return /^[\w.:/-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
