import type { LeapError } from '../../client';

/** What a stated family changes nothing of: broken values, several frames, no tensor with the shape of a latent. */
const HOPELESS_DETAILS = ['bad', 'frames', 'found'];

/** Whether a file that was refused may be read once its family is known. */
export function familyMayHelp({ code, detail }: LeapError): boolean {
  // Of what is not supported, only a latent of another family may be one of ours.
  if (code === 'unsupported') return 'foreign' in detail && !('frames' in detail);
  const isOfReading = ['not-a-latent', 'ambiguous', 'bad-option'].includes(code);
  return isOfReading && !HOPELESS_DETAILS.some((name) => name in detail);
}
