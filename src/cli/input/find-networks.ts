import { openAsBlob } from 'node:fs';
import { LeapError } from '../../errors';
import type { RecognisedModel } from '../../graph';
import type { ReadHints } from '../../latent/types';
import { inspectModel } from '../../weights';

/** The networks in a file, or why it holds none. */
export interface Networks {
  models: RecognisedModel[];
  /** What inspecting the file threw. */
  refusal?: LeapError;
}

/** @param path a regular file: anything else may have no end */
export async function findNetworks(path: string): Promise<Networks> {
  try {
    return { models: await inspectModel(await openAsBlob(path)) };
  } catch (thrown) {
    if (thrown instanceof LeapError) return { models: [], refusal: thrown };
    throw thrown;
  }
}

/**
 * Call this before a file is read as a latent: a buffer of a network has four axes too, and can be taken for a batch
 * of latents. The caller who names a tensor knows better.
 * @throws LeapError `not-a-latent` for a file that holds a network, or looks like a model of another kind
 */
export function refuseNetworks({ models, refusal }: Networks, { tensor }: ReadHints): void {
  if (tensor !== undefined) return;
  const { looksLike, advice } = refusal?.detail ?? {};
  if (typeof looksLike === 'string') {
    const sentences = [
      `This looks like ${looksLike}, not like a latent.`,
      ...(typeof advice === 'string' ? [advice] : []),
      '--decoder FILE takes an autoencoder of a family that is read here, --method FILE an upscaler.',
    ];
    throw new LeapError('not-a-latent', sentences.join(' '), { looksLike });
  }
  if (models.length === 0) return;
  const what = models.map(describeNetworks).join('; ');
  const isUpscaler = models.some(({ kind }) => kind === 'lua' || kind === 'enlarger');
  const option = isUpscaler ? '--method FILE' : '--decoder FILE';
  throw new LeapError('not-a-latent', `This is a model, not a latent: ${what}. Use it with ${option}.`);
}

/** `kl-decoder for sd15 or sdxl` */
export function describeNetworks({ architecture, families, scales }: RecognisedModel): string {
  const factors = scales ? ` x${scales.join(', x')}` : '';
  return `${architecture}${factors} for ${families.join(' or ')}`;
}
