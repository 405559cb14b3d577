import type { NamedTensor, TensorFile } from '../../formats';
import type { FamilyId, Layout, Space } from '../types';
import { FOREIGN_FAMILIES } from './foreign-families';
import { familyFromName, type Named } from './name-hints';

/** A statement of a file or its writer, with how sure it is and why. */
export interface Statement<T> {
  value: T;
  /** 0..1 */
  confidence: number;
  reason: string;
  /** The caller says so. */
  chosen?: true;
}

/** What is known of a file before its values are looked at. */
export interface Claim {
  /** Empty when unknown. */
  writer: string;
  tensor: NamedTensor;
  /** Tensors that could be meant as well. */
  others: NamedTensor[];
  /** Why it is this tensor, where there are others. */
  choice?: { confidence: number; reason: string };
  /** The file is of a family that is not read here: its name, and the reason as a sentence. */
  foreign?: { name: string; reason: string };
  /** Multiplies raw values before anything else. */
  preScale: number;
  family?: Statement<FamilyId>;
  /** Depends on the family for some writers. */
  space?: (family: FamilyId) => Statement<Space> | undefined;
  layout?: Layout;
  /** Latent positions of a packed tensor, where the file says it. */
  size?: { height: number; width: number };
  /** The number of each item in the batch that it was taken from, counted from 0, where the file says it. */
  batchIndex?: number[];
  /** What else the file holds, in sentences for people. */
  remarks?: string[];
  /** Steps that a file of ours remembers. */
  history: string[];
}

/** A row of the table of writers: its claim, or undefined when the file is not its. */
export type Writer = (file: TensorFile, name: string) => Claim | undefined;

/** A name of two families is not firm: the values may say otherwise. */
const OF_BOTH = 0.6;

/** What a name says about a claim, with the sentence that says so. */
export function claimNamed(
  named: Named | undefined,
  confidence: number,
  reason: string,
): Pick<Claim, 'family' | 'foreign'> {
  if (!named) return {};
  if ('family' in named) {
    const { family: value, besides } = named;
    if (!besides) return { family: { value, confidence, reason } };
    const doubt = `${reason} But that also speaks of ${FOREIGN_FAMILIES[besides].name}.`;
    return { family: { value, confidence: Math.min(confidence, OF_BOTH), reason: doubt } };
  }
  return { foreign: { name: FOREIGN_FAMILIES[named.foreign].name, reason } };
}

/** What a word of a writer's own metadata says. One that no family is known by is the name of a foreign one. */
export function claimWord(
  word: string,
  confidence: number,
  reason: string,
): { family: Statement<FamilyId> } | { foreign: NonNullable<Claim['foreign']> } {
  const { family, foreign } = claimNamed(familyFromName(word), confidence, reason);
  return family ? { family } : { foreign: foreign ?? { name: word, reason } };
}
