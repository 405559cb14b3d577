import { LeapError } from '../../errors';
import type { TensorFile } from '../../formats';
import type { ReadHints } from '../types';
import { aiToolkit } from '../writers/ai-toolkit';
import { anyTensor } from '../writers/any-tensor';
import { comfyui } from '../writers/comfyui';
import { latentLeap } from '../writers/latent-leap';
import { musubiTuner } from '../writers/musubi-tuner';
import { sdScripts } from '../writers/sd-scripts';
import { torchTensor } from '../writers/torch-tensor';
import type { Claim, Writer } from './claims';

/** How many tensors a message names. */
const MAX_NAMED = 8;

/** In the order in which they are asked. What none of them claims, `anyTensor` does. */
const WRITERS: readonly Writer[] = [latentLeap, comfyui, aiToolkit, sdScripts, musubiTuner, torchTensor];

/**
 * Who wrote a file, and what that says about it.
 * @throws LeapError `not-a-latent`, `bad-option` (no tensor of the hinted name), `unsupported`
 */
export function recognise(file: TensorFile, hints: ReadHints): Claim {
  const name = hints.name ?? '';
  if (hints.tensor === undefined) {
    for (const writer of WRITERS) {
      const claim = writer(file, name);
      if (claim) return claim;
    }
    return anyTensor(file, name)!;
  }
  const tensor = file.tensors.find((one) => one.name === hints.tensor);
  if (!tensor) {
    const names = file.tensors.slice(0, MAX_NAMED).map(({ name: one }) => one || 'one without a name');
    const more = file.tensors.length > names.length ? ` and ${file.tensors.length - names.length} more` : '';
    const message = `The file has no tensor ${hints.tensor}. It has ${names.join(', ') || 'no tensors'}${more}.`;
    throw new LeapError('bad-option', message, { tensors: names });
  }
  // The writer's claim still holds for another tensor of its file, if it offers it.
  const claim = claimOf(file, name);
  const all = claim ? [claim.tensor, ...claim.others] : [];
  const choice = { confidence: 1, reason: 'You chose it.' };
  if (claim && all.includes(tensor))
    return { ...claim, tensor, choice, others: all.filter((one) => one !== tensor) };
  return { writer: claim?.writer ?? '', tensor, choice, others: all, preScale: 1, history: [] };
}

/** Undefined where no tensor is taken for a latent: then the caller knows better. */
function claimOf(file: TensorFile, name: string): Claim | undefined {
  try {
    return recognise(file, { name });
  } catch (thrown) {
    if (thrown instanceof LeapError && thrown.code === 'not-a-latent') return undefined;
    throw thrown;
  }
}
