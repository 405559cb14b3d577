import { FAMILIES } from '../families';
import type { Candidate, FamilyId, Guess, Layout, ReadHints, Space } from '../types';
import type { Statement } from './claims';
import type { Moments } from './statistics';
import { rankReadings } from './statistics';

/** Below this the statistics contradict what the file says. */
const IMPLAUSIBLE = 0.1;
/** What is left of a statement that the statistics contradict. */
const DOUBTED = 0.4;
/** A statement less sure than this gives way to statistics that prefer another reading. */
const FIRM = 0.75;
/** Of a normalised latent of one picture, with room for flat and for busy ones. */
const NORMAL_STD = { least: 0.5, most: 1.6 };
const SPACES: readonly Space[] = ['model', 'decoder'];

export interface Decision {
  family: FamilyId;
  space: Space;
  /** Empty of what could not have been otherwise. */
  guesses: Guess[];
}

/**
 * Family and space of a latent: the caller's hints, then what the file or its writer states, then the statistics of
 * its values. A statement that the statistics contradict stands, but is marked as doubtful, with the correction
 * among the alternatives.
 * @param families those that the channel count leaves open, at least one
 */
export function decide(
  families: readonly FamilyId[],
  stated: Statement<FamilyId> | undefined,
  statedSpace: ((family: FamilyId) => Statement<Space> | undefined) | undefined,
  moments: Moments,
  layout: Layout,
  hints: ReadHints,
): Decision {
  const family = decideFamily(families, stated, statedSpace, moments, hints);
  const space = decideSpace(family.value, statedSpace?.(family.value), moments, layout, hints);
  const otherFamilies = families.filter((id) => id !== family.value);
  const otherSpaces = SPACES.filter((id) => id !== space.value && isReadable(family.value, id, hints));
  return {
    family: family.value,
    space: space.value,
    guesses: [
      toGuess('family', family, otherFamilies, (id) => ({
        label: FAMILIES[id].label,
        hints: { family: id },
      })),
      toGuess('space', space, otherSpaces, (id) => ({ label: `${id} space`, hints: { space: id } })),
    ],
  };
}

/** FLUX.2's decoder space is only with the statistics of its VAE. */
function isReadable(family: FamilyId, space: Space, { batchNorm }: ReadHints): boolean {
  return space === 'model' || !FAMILIES[family].batchNorm || batchNorm !== undefined;
}

function decideFamily(
  families: readonly FamilyId[],
  stated: Statement<FamilyId> | undefined,
  statedSpace: ((family: FamilyId) => Statement<Space> | undefined) | undefined,
  moments: Moments,
  hints: ReadHints,
): Statement<FamilyId> {
  if (hints.family) return { value: hints.family, confidence: 1, reason: 'You chose it.' };
  const only = families[0]!;
  if (families.length === 1) {
    return { value: only, confidence: 0.95, reason: `Only ${FAMILIES[only].label} has this shape.` };
  }
  const fitting = stated && families.includes(stated.value) ? stated : undefined;
  if (fitting && fitting.confidence >= FIRM) return fitting;
  // Each family counts with the space that its file would have; both where that is not sure.
  const ranked = rankReadings(moments, families, (family) => hints.space ?? firm(statedSpace?.(family)));
  const share = (id: FamilyId) =>
    ranked.reduce((sum, { family, probability }) => (family === id ? sum + probability : sum), 0);
  const best = families.toSorted((a, b) => share(b) - share(a))[0]!;
  if (fitting && (fitting.value === best || ranked.length === 0)) return fitting;
  const ignored = stated && !fitting ? ` (${stated.reason} But that has another channel count.)` : '';
  return {
    value: best,
    confidence: Math.min(0.9, share(best)),
    reason: `The shape fits several families; the values are most like those of ${FAMILIES[best].label}.${ignored}`,
  };
}

function firm(stated: Statement<Space> | undefined): Space | undefined {
  return stated && stated.confidence >= FIRM ? stated.value : undefined;
}

function decideSpace(
  family: FamilyId,
  stated: Statement<Space> | undefined,
  moments: Moments,
  layout: Layout,
  hints: ReadHints,
): Statement<Space> {
  if (hints.space) return { value: hints.space, confidence: 1, reason: 'You chose it.' };
  const ranked = rankReadings(moments, [family]);
  const spread = `The values have a standard deviation of ${moments.std.toPrecision(2)}`;
  if (stated && (stated.confidence >= FIRM || ranked.length === 0 || ranked[0]?.space === stated.value)) {
    const plausible = ranked.find(({ space }) => space === stated.value)?.probability ?? 1;
    if (stated.confidence === 1 || plausible >= IMPLAUSIBLE) return stated;
    const reason = `${stated.reason} But ${spread.toLowerCase()}, which is more like the other space.`;
    return { ...stated, confidence: DOUBTED, reason };
  }
  const [best] = ranked;
  if (!best) return decideNormalised(layout, moments, spread);
  return {
    value: best.space,
    confidence: best.probability,
    reason: `${spread}, as usual in ${best.space} space.`,
  };
}

/** FLUX.2, of whose decoder space nothing is known here but that it is not normalised. */
function decideNormalised(layout: Layout, { std }: Moments, spread: string): Statement<Space> {
  if (layout !== 'unpacked') {
    return { value: 'model', confidence: 0.95, reason: 'FLUX.2 latents in patches are normalised.' };
  }
  if (std < NORMAL_STD.least || std > NORMAL_STD.most) {
    const reason = `${spread}, but normalised ones about 1. The klein pipeline of diffusers gives decoder space.`;
    return { value: 'model', confidence: DOUBTED, reason };
  }
  const reason = 'FLUX.2 latents are saved normalised, except by the klein pipeline of diffusers.';
  return { value: 'model', confidence: 0.7, reason };
}

function toGuess<T extends string>(
  what: Guess['what'],
  { value, confidence, reason }: Statement<T>,
  others: readonly T[],
  toCandidate: (value: T) => Candidate,
): Guess {
  return { what, value, confidence, reason, alternatives: [...others], choices: others.map(toCandidate) };
}
