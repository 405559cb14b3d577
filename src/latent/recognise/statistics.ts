import { FAMILIES } from '../families';
import fitted from '../fitted/channel-statistics.json' with { type: 'json' };
import { FLUX2_BATCH_NORM } from '../flux2-batch-norm';
import { checkFinite } from '../model-space';
import type { FamilyId, Space } from '../types';
import { FOREIGN_FAMILIES, type ForeignId } from './foreign-families';

/** First and second moments of a latent's vectors, one vector of C channels per position. */
export interface Moments {
  channels: number;
  /** [C] */
  mean: Float64Array;
  /** [C, C], E[x x^T] */
  second: Float64Array;
  /** Over all values. */
  std: number;
}

export interface Plausibility {
  family: FamilyId | ForeignId;
  space: Space;
  /** 0..1; all candidates add up to 1. */
  probability: number;
}

/** Positions that are looked at: moments of more change nothing. */
const MAX_POSITIONS = 4096;
/** Real pictures vary more than the photographs that the statistics are from: no guess is surer than this. */
const MAX_PROBABILITY = 0.95;

/** A fine-tune with statistics of its own is met more rarely than all others of the VAE that it shares. */
const RARE = 0.25;

interface Fitted {
  mean: readonly number[];
  logDet: number;
  precision: readonly (readonly number[])[];
}
const FITTED = fitted.families as Partial<Record<FamilyId, Fitted>>;

/** A family in a space: model = (raw - shift) * scale per channel, and how its model space is distributed. */
interface Explanation {
  family: FamilyId | ForeignId;
  space: Space;
  scale: readonly number[];
  shift: readonly number[];
  statistics: Fitted;
  /** How rarely it is met, beside the others; 1 where that is not known. */
  prior?: number;
}

/**
 * Moments of one item, as if its values were multiplied by `preScale`.
 * @param data [C, positions]
 * @throws LeapError `not-a-latent` when any value is NaN or infinite
 */
export function measure(data: Float32Array, channels: number, preScale = 1): Moments {
  checkFinite(data);
  const positions = data.length / channels;
  const step = Math.max(1, Math.floor(positions / MAX_POSITIONS));
  const mean = new Float64Array(channels);
  const second = new Float64Array(channels * channels);
  let count = 0;
  for (let at = 0; at < positions; at += step) {
    count++;
    for (let c = 0; c < channels; c++) {
      const value = data[c * positions + at]! * preScale;
      mean[c]! += value;
      for (let d = 0; d <= c; d++) second[c * channels + d]! += value * data[d * positions + at]! * preScale;
    }
  }
  let [sum, squares] = [0, 0];
  for (let c = 0; c < channels; c++) {
    mean[c]! /= count;
    for (let d = 0; d <= c; d++) {
      second[c * channels + d]! /= count;
      second[d * channels + c] = second[c * channels + d]!;
    }
    sum += mean[c]!;
    squares += second[c * channels + c]!;
  }
  const std = Math.sqrt(Math.max(0, squares / channels - (sum / channels) ** 2));
  return { channels, mean, second, std };
}

/** Whether the values of a family that is read here were fitted. */
export function hasStatistics(family: FamilyId): boolean {
  return FITTED[family] !== undefined;
}

/**
 * How well each family and space explains a file's moments, the best first: Gaussian log likelihood per position,
 * against the statistics of encoded photographs (training/recognition/fit_recognition.py) and, for families that are not read,
 * against white latents and published statistics.
 * @param foreign families that are not read, but could be meant; those without statistics are left out
 * @param knownSpace the space that a file of that family would have, where that is known
 */
export function rankReadings(
  moments: Moments,
  families: readonly FamilyId[],
  foreign: readonly ForeignId[] = [],
  knownSpace: (family: FamilyId) => Space | undefined = () => undefined,
): Plausibility[] {
  const explanations = [
    ...families.flatMap((id) => explainFamily(id, moments.channels, knownSpace(id))),
    ...foreign.filter(isFirstOfItsKind).flatMap((id) => explainForeign(id, moments)),
  ];
  const scored = explanations.map((one) => ({
    ...one,
    score: logLikelihood(moments, one) * fitted.temperature + Math.log(one.prior ?? 1),
  }));
  const best = Math.max(...scored.map(({ score }) => score));
  const weights = scored.map(({ score }) => Math.exp(score - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return scored
    .map(({ family, space }, at) => ({
      family,
      space,
      probability: Math.min(MAX_PROBABILITY, weights[at]! / total),
    }))
    .toSorted((a, b) => b.probability - a.probability);
}

function explainFamily(family: FamilyId, channels: number, known: Space | undefined): Explanation[] {
  const statistics = FITTED[family];
  if (!statistics || statistics.mean.length !== channels) return [];
  const spaces: Space[] = known ? [known] : ['model', 'decoder'];
  return spaces.map((space) => ({ family, space, statistics, ...decoderAffine(family, space, channels) }));
}

/** The standard deviation that a family's values have in a space, as its makers scale model space to about 1. */
export function usualSpread(family: FamilyId, space: Space): number {
  const { scale } = decoderAffine(family, space, FAMILIES[family].channels);
  return scale.reduce((sum, one) => sum + 1 / one, 0) / scale.length;
}

function decoderAffine(
  family: FamilyId,
  space: Space,
  channels: number,
): Pick<Explanation, 'scale' | 'shift'> {
  const { scale, shift, batchNorm } = FAMILIES[family];
  if (space === 'model') return { scale: fill(channels, 1), shift: fill(channels, 0) };
  if (!batchNorm) return { scale: fill(channels, scale), shift: fill(channels, shift) };
  // The four positions of a patch have nearly the same statistics.
  const average = (values: readonly number[]) =>
    fill(channels, 0).map((_, c) =>
      values.slice(c * 4, c * 4 + 4).reduce((sum, value) => sum + value / 4, 0),
    );
  const { mean, variance } = FLUX2_BATCH_NORM;
  return { scale: average(variance).map((value) => 1 / Math.sqrt(value)), shift: average(mean) };
}

/** Families with the same statistics explain a file equally well, so the first stands for all. */
function isFirstOfItsKind(id: ForeignId, at: number, all: readonly ForeignId[]): boolean {
  const { statistics } = FOREIGN_FAMILIES[id];
  return all.findIndex((one) => FOREIGN_FAMILIES[one].statistics === statistics) === at;
}

/**
 * Latents of a family that normalises each channel are white as far as anybody knows. In decoder space they have
 * published statistics, or the scale that the file has.
 */
function explainForeign(family: ForeignId, { channels, second }: Moments): Explanation[] {
  const { statistics } = FOREIGN_FAMILIES[family];
  if (!statistics || !FOREIGN_FAMILIES[family].channels.includes(channels)) return [];
  const identity = fill(channels, 0).map((_, c) => fill(channels, 0).map((__, d) => (c === d ? 1 : 0)));
  const white: Fitted = { mean: fill(channels, 0), logDet: 0, precision: identity };
  const model: Explanation = {
    family,
    space: 'model',
    scale: fill(channels, 1),
    shift: fill(channels, 0),
    statistics: white,
  };
  if (statistics === 'white') {
    const power = identity.reduce((sum, _, c) => sum + second[c * channels + c]! / channels, 0);
    return [model, { ...model, space: 'decoder', scale: fill(channels, 1 / Math.sqrt(power || 1)) }];
  }
  if ('of' in statistics) return explainAlike(family, statistics);
  const scale = statistics.deviation.map((value) => 1 / value);
  return [model, { ...model, space: 'decoder', scale, shift: statistics.mean }];
}

/** In decoder space they cannot be told from those of the family with such a VAE. */
function explainAlike(
  family: ForeignId,
  {
    of,
    scale,
    mean,
    deviation,
  }: { of: FamilyId; scale: number } & Record<'mean' | 'deviation', readonly number[]>,
): Explanation[] {
  const statistics = FITTED[of];
  if (!statistics) return [];
  const toModel = FAMILIES[of].scale / scale;
  return [
    {
      family,
      space: 'model',
      scale: deviation.map((value) => value * toModel),
      shift: mean.map((value, c) => (-value * scale) / deviation[c]!),
      statistics,
      prior: RARE,
    },
  ];
}

const fill = (length: number, value: number): number[] => new Array<number>(length).fill(value);

function logLikelihood(moments: Moments, { scale, shift, statistics }: Explanation): number {
  const { mean, logDet, precision } = statistics;
  const { channels, second } = moments;
  // Model space is (raw - shift) * scale, so E[(model - mean)(model - mean)^T] follows from the raw moments.
  let mahalanobis = 0;
  let logScale = 0;
  for (let c = 0; c < channels; c++) {
    const offsetC = shift[c]! * scale[c]! + mean[c]!;
    const meanC = moments.mean[c]! * scale[c]!;
    logScale += Math.log(scale[c]!);
    for (let d = 0; d < channels; d++) {
      const offsetD = shift[d]! * scale[d]! + mean[d]!;
      const meanD = moments.mean[d]! * scale[d]!;
      const product =
        second[c * channels + d]! * scale[c]! * scale[d]! -
        meanC * offsetD -
        meanD * offsetC +
        offsetC * offsetD;
      mahalanobis += precision[c]![d]! * product;
    }
  }
  return logScale - 0.5 * (mahalanobis + logDet);
}
