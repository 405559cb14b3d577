import { LeapError } from '../../errors';
import type { FamilyId, Space } from '../../latent/types';
import type { Architecture, ModelKind } from '../types';

/** One network that a checkpoint holds. */
export interface RecognisedModel {
  architecture: Architecture;
  kind: ModelKind;
  /** Of the latent. */
  channels: number;
  /** With latents of so many channels; which of them it was trained for, the tensors do not tell. */
  families: FamilyId[];
  /** The space that the model takes and gives. */
  space: Space;
  /** Latent upscalers: the factors that they offer, one by one; or the least and the greatest. */
  scales?: number[];
  scaleRange?: [number, number];
  /** Latent upscalers whose tensors do not tell their factor: those that it may be. */
  askScale?: number[];
  /** Prefixes of the names of all tensors that it needs. */
  keep: string[];
}

/** What is found in the tensors before channels are looked up. */
export type FoundModel = Omit<RecognisedModel, 'families'>;

/** @param what goes on after 'This checkpoint' */
export function refuse(what: string, tensors: readonly { name: string }[] = []): LeapError {
  return new LeapError('unsupported', `This checkpoint ${what.replace(/\.?$/, '.')}`, {
    count: tensors.length,
    tensors: tensors.slice(0, 8).map(({ name }) => name),
  });
}

/** Its result, or undefined where it throws that the tensors are others. */
export function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (thrown) {
    if (thrown instanceof LeapError && thrown.code === 'bad-weights') return undefined;
    throw thrown;
  }
}
