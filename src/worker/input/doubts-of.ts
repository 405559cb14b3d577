import type { Notice } from '../../engine/types';
import { doubtLatent } from '../../latent/doubts/doubt-latent';
import type { Latent, ReadHints } from '../../latent/types';

/** A guess less sure than this is contradicted by something. */
const DOUBTFUL = 0.5;

/** What should be heard of a latent that becomes a picture at once, without anybody looking at what was guessed. */
export function doubtsOf(latent: Latent, hints: ReadHints): Notice[] {
  const { items, guesses } = latent.provenance;
  const notices: Notice[] = [];
  if (items > 1 && hints.item === undefined) {
    const message = `The input holds ${items} latents, of which the first is enlarged. The hint item chooses another; readAll() gives all of them.`;
    notices.push({ code: 'batch', message });
  }
  const doubt = doubtLatent(latent);
  if (doubt) notices.push(doubt);
  // Empty values fit no space.
  if (doubt?.code === 'doubtful-values') return notices;
  const space = guesses.find(({ what, confidence }) => what === 'space' && confidence < DOUBTFUL);
  if (space) {
    const message = `The latent is taken to be in ${space.value} space, which is doubtful. ${space.reason}`;
    notices.push({ code: 'doubtful-space', message });
  }
  return notices;
}
