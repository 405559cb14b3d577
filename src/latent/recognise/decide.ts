import { defined } from '../../defined';
import { FAMILIES } from '../families';
import {
  type Candidate,
  type FamilyId,
  type Guess,
  type Layout,
  type ReadHints,
  type Space,
  SURE,
} from '../types';
import type { Claim, Statement } from './claims';
import { FOREIGN_FAMILIES, foreignWith, isForeignId } from './foreign-families';
import { hasStatistics, type Moments, type Plausibility, rankReadings, usualSpread } from './statistics';

/** Below this the statistics contradict what the file says. */
const IMPLAUSIBLE = 0.1;
/** What is left of a statement that the statistics contradict. */
const DOUBTED = 0.4;
/** A statement less sure than this gives way to statistics that prefer another reading. */
const FIRM = 0.75;
/** A statement this sure is not compared with the values: only programs say so. */
const CERTAIN = 0.9;
/** From here on the values are rather those of a family that is not read here. */
const FOREIGN = 0.5;
/** What is left of a guess at tokens of patches where nothing in a token is alike. */
const UNLIKE_PATCHES = 0.4;
/**
 * Values of four channels are alike in several families, some of which are not read here: by themselves they prove
 * nothing (docs/files.md has how often they are right).
 */
const FEW_CHANNELS = 4;
const SUREST_OF_FEW = 0.85;
/** The confidence in each of two spaces when nothing speaks for either. */
const EVEN = 0.5;
/** Values of a finished picture spread no further than this. Those of the first steps of sampling do, and wrong scales. */
const MOST_TIMES_USUAL = 3;
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
 * @param rivals names of families that are not read, where the tokens are rather theirs than of 2x2 patches
 */
export function decide(
  families: readonly FamilyId[],
  claim: Pick<Claim, 'family' | 'space'>,
  moments: Moments,
  layout: Layout,
  hints: ReadHints,
  rivals: readonly string[] = [],
): Decision {
  const family = decideFamily(families, claim, moments, hints, rivals);
  const space = decideSpace(family, claim.space?.(family.value), moments, layout, hints);
  const otherFamilies = families.filter((id) => id !== family.value);
  const otherSpaces = SPACES.filter((id) => id !== space.value);
  const familyGuess = toGuess('family', family, otherFamilies, (id) => ({
    label: FAMILIES[id].label,
    hints: { family: id },
  }));
  const foreign = foreignWith(moments.channels).map((id) => FOREIGN_FAMILIES[id].name);
  if (family.confidence < SURE) familyGuess.alternatives.push(...new Set([...rivals, ...foreign]));
  return {
    family: family.value,
    space: space.value,
    guesses: [
      familyGuess,
      toGuess('space', space, otherSpaces, (id) => ({ label: `${id} space`, hints: { space: id } })),
    ],
  };
}

interface FamilyDecision extends Statement<FamilyId> {
  /** How much rather the values are of a family that is not read here, 0..1; 0 where they were not compared. */
  foreign?: number;
}

function decideFamily(
  families: readonly FamilyId[],
  { family: stated, space: statedSpace }: Pick<Claim, 'family' | 'space'>,
  moments: Moments,
  hints: ReadHints,
  rivals: readonly string[],
): FamilyDecision {
  if (hints.family) return { value: hints.family, confidence: 1, reason: 'You chose it.' };
  const fitting = stated && families.includes(stated.value) ? stated : undefined;
  // What has no statistics cannot be compared: its share would be 0, whatever the values are.
  if (fitting && (fitting.confidence >= CERTAIN || !hasStatistics(fitting.value))) return fitting;
  // Each family counts with the space that its file would have; both where that is not sure.
  const ranked = rankReadings(
    moments,
    families,
    families.some(hasStatistics) ? foreignWith(moments.channels) : [],
    (family) => hints.space ?? firm(statedSpace?.(family)),
  );
  const share = (id: Plausibility['family']) =>
    ranked.reduce((sum, { family, probability }) => (family === id ? sum + probability : sum), 0);
  const foreign = ranked.reduce((sum, one) => (isForeignId(one.family) ? sum + one.probability : sum), 0);
  const best = families.toSorted((a, b) => share(b) - share(a))[0]!;
  if (fitting && fitting.confidence >= FIRM)
    return doubt(fitting, best, share(fitting.value), foreign, ranked.length);
  if (fitting && (fitting.value === best || ranked.length === 0) && foreign < FOREIGN) return fitting;
  const ignored = stated && !fitting ? ` (${stated.reason} But that has another channel count.)` : '';
  if (rivals.length > 0) {
    return {
      value: best,
      confidence: Math.min(UNLIKE_PATCHES, 1 - foreign),
      reason: `Tokens of ${FAMILIES[best].name} hold 2x2 positions that are alike, which these are not: they could be of ${rivals.join(' or ')}, or mostly noise.${ignored}`,
      foreign: Math.max(foreign, FOREIGN),
    };
  }
  if (foreign >= FOREIGN) return guessInSpite(best, foreign, ranked, moments.channels, ignored);
  if (families.length === 1) {
    const reason = `Only ${FAMILIES[best].name} has this shape, of the families that are read here.${ignored}`;
    return {
      value: best,
      confidence: ranked.length > 0 ? Math.min(SURE, 1 - foreign) : SURE,
      reason,
      foreign,
    };
  }
  const surest = moments.channels <= FEW_CHANNELS ? SUREST_OF_FEW : SURE;
  return {
    value: best,
    confidence: Math.min(surest, share(best)),
    reason: `The shape fits several families; the values are most like those of ${FAMILIES[best].name}.${ignored}`,
    foreign,
  };
}

/** A statement that anybody could have made, such as a file's name, beside what the values say. */
function doubt(
  stated: Statement<FamilyId>,
  best: FamilyId,
  share: number,
  foreign: number,
  compared: number,
): Statement<FamilyId> {
  if (compared === 0 || (share >= IMPLAUSIBLE && foreign < FOREIGN)) return stated;
  const other = foreign >= FOREIGN ? 'a family that is not read here' : FAMILIES[best].name;
  return {
    ...stated,
    confidence: DOUBTED,
    reason: `${stated.reason} But the values are more like those of ${other}.`,
  };
}

/** A guess all the same: the caller sees how unsure it is, and what else it could be. */
function guessInSpite(
  best: FamilyId,
  foreign: number,
  ranked: readonly Plausibility[],
  channels: number,
  ignored: string,
): FamilyDecision {
  const found = ranked.find(({ family }) => isForeignId(family))!;
  const statistics = isForeignId(found.family) ? FOREIGN_FAMILIES[found.family].statistics : undefined;
  // White in model space they all are; only published statistics of decoder space tell some from the rest.
  const special = found.space === 'decoder' && statistics !== 'white';
  const alike = foreignWith(channels)
    .map((id) => FOREIGN_FAMILIES[id])
    .filter((one) => one.statistics && (!special || one.statistics === statistics))
    .map(({ name }) => name)
    .join(', ');
  const reason = `The values are not like those of ${FAMILIES[best].name}, but could be of ${alike} or another family that is not read here.${ignored}`;
  return { value: best, confidence: 1 - foreign, reason, foreign };
}

function firm(stated: Statement<Space> | undefined): Space | undefined {
  return stated && stated.confidence >= FIRM ? stated.value : undefined;
}

function decideSpace(
  { value: family, foreign = 0 }: FamilyDecision,
  claimed: Statement<Space> | undefined,
  moments: Moments,
  layout: Layout,
  hints: ReadHints,
): Statement<Space> {
  const ranked = rankReadings(moments, [family]);
  const spread = `The values have a standard deviation of ${moments.std.toPrecision(2)}`;
  const beside = (one: Statement<Space>): Statement<Space> => {
    const plausible = ranked.find(({ space }) => space === one.value)?.probability ?? 1;
    if (plausible >= IMPLAUSIBLE) return one;
    const reason = `${one.reason} But ${spread.toLowerCase()}, which is more like the other space.`;
    return { ...one, confidence: DOUBTED, reason };
  };
  if (hints.space)
    return beside({ value: hints.space, confidence: 1, reason: 'It was chosen.', chosen: true });
  const stated = claimed ?? spaceOfPatches(family, layout);
  if (stated && (stated.confidence >= FIRM || ranked.length === 0 || ranked[0]?.space === stated.value)) {
    return stated.confidence === 1 ? stated : beside(stated);
  }
  const [best] = ranked;
  if (!best) return { value: 'model', confidence: EVEN, reason: `${spread}; nothing else is known.` };
  const usual = usualSpread(family, best.space);
  if (moments.std > MOST_TIMES_USUAL * usual) {
    const reason = `${spread}, far more than the usual ${usual.toPrecision(2)} of ${FAMILIES[family].name} in ${best.space} space: they may be scaled otherwise, or noise.`;
    return { value: best.space, confidence: DOUBTED, reason };
  }
  return {
    value: best.space,
    confidence: Math.min(SURE, best.probability, Math.max(EVEN, 1 - foreign)),
    reason: `${spread}, as usual in ${best.space} space.`,
  };
}

/** Who packs 2x2 patches hands over what the denoiser gives. */
function spaceOfPatches(family: FamilyId, layout: Layout): Statement<Space> | undefined {
  if (layout === 'unpacked') return undefined;
  return {
    value: 'model',
    confidence: 0.9,
    reason: `${FAMILIES[family].name} latents in patches are normalised.`,
  };
}

function toGuess<T extends string>(
  what: Guess['what'],
  { value, confidence, reason, chosen }: Statement<T>,
  others: readonly T[],
  toCandidate: (value: T) => Candidate,
): Guess {
  return {
    what,
    value,
    confidence,
    reason,
    ...defined({ chosen }),
    alternatives: [...others],
    choices: others.map(toCandidate),
  };
}
