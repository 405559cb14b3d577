import { openAsBlob } from 'node:fs';
import { LeapError } from '../../errors';
import type { RecognisedModel } from '../../graph';
import type { Candidate } from '../../latent/types';
import { inspectModel } from '../../weights';
import { toOption } from './say-guesses';

/** How many candidates a message names. */
const MAX_NAMED = 6;

/**
 * Adds to an error of reading a latent what helps on the command line: the options that decide it. If the file is a
 * model, the message says which one.
 */
export async function explainReading(error: LeapError, path: string): Promise<LeapError> {
  if (error.detail.model === true) return explainModel(error, path);
  const candidates = Array.isArray(error.detail.candidates) ? (error.detail.candidates as Candidate[]) : [];
  if (candidates.length === 0) return error;
  const named = candidates.slice(0, MAX_NAMED).map(toOption);
  return new LeapError(error.code, `${error.message} Options: ${named.join(', or ')}.`, error.detail);
}

async function explainModel(error: LeapError, path: string): Promise<LeapError> {
  try {
    const models = await inspectModel(await openAsBlob(path));
    const what = models.map(describeModel).join('; ');
    const option = models.some(({ kind }) => kind === 'lua') ? '--method FILE' : '--decoder FILE';
    return new LeapError(
      error.code,
      `This is a model, not a latent: ${what}. Use it with ${option}.`,
      error.detail,
    );
  } catch (thrown) {
    if (!(thrown instanceof LeapError)) throw thrown;
    return new LeapError(error.code, `${error.message} ${thrown.message}`, error.detail);
  }
}

/** `kl-decoder for sd15 or sdxl` */
export function describeModel({ architecture, families, scales }: RecognisedModel): string {
  const factors = scales ? ` x${scales.join(', x')}` : '';
  return `${architecture}${factors} for ${families.join(' or ')}`;
}
