import { LeapError } from '../../errors';
import { FAMILIES } from '../families';
import fitted from '../fitted/channel-statistics.json' with { type: 'json' };
import type { FamilyId, Space } from '../types';

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
  family: FamilyId;
  space: Space;
  /** 0..1; all candidates add up to 1. */
  probability: number;
}

/** Positions that are looked at: moments of more change nothing. */
const MAX_POSITIONS = 4096;
/** Real pictures vary more than the photographs that the statistics are from: no guess is surer than this. */
const MAX_PROBABILITY = 0.95;

interface Fitted {
  mean: readonly number[];
  logDet: number;
  precision: readonly (readonly number[])[];
}
const FITTED = fitted.families as Partial<Record<FamilyId, Fitted>>;

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

/**
 * How well each family and space explains a file's moments, the best first: Gaussian log likelihood per position,
 * against the statistics of encoded photographs (training/fit_recognition.py). Families without statistics
 * (FLUX.2) are left out; empty when none is left.
 * @param knownSpace the space that a file of that family would have, where that is known
 */
export function rankReadings(
  moments: Moments,
  families: readonly FamilyId[],
  knownSpace: (family: FamilyId) => Space | undefined = () => undefined,
): Plausibility[] {
  const scored = families.flatMap((family) => {
    const statistics = FITTED[family];
    if (!statistics || statistics.mean.length !== moments.channels) return [];
    const known = knownSpace(family);
    const spaces: Space[] = known ? [known] : ['model', 'decoder'];
    return spaces.map((space) => ({
      family,
      space,
      score: logLikelihood(moments, family, space, statistics) * fitted.temperature,
    }));
  });
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

function logLikelihood(
  moments: Moments,
  family: FamilyId,
  space: Space,
  { mean, logDet, precision }: Fitted,
): number {
  const { scale, shift } = space === 'decoder' ? FAMILIES[family] : { scale: 1, shift: 0 };
  const { channels, second } = moments;
  // Model space is (raw - shift) * scale, so E[(model - mean)(model - mean)^T] follows from the raw moments.
  let mahalanobis = 0;
  for (let c = 0; c < channels; c++) {
    const offsetC = shift * scale + mean[c]!;
    const meanC = moments.mean[c]! * scale;
    for (let d = 0; d < channels; d++) {
      const offsetD = shift * scale + mean[d]!;
      const meanD = moments.mean[d]! * scale;
      const product =
        second[c * channels + d]! * scale ** 2 - meanC * offsetD - meanD * offsetC + offsetC * offsetD;
      mahalanobis += precision[c]![d]! * product;
    }
  }
  return channels * Math.log(scale) - 0.5 * (mahalanobis + logDet);
}

function checkFinite(data: Float32Array): void {
  let bad = 0;
  let first = -1;
  for (let at = 0; at < data.length; at++) {
    if (Number.isFinite(data[at])) continue;
    if (first < 0) first = at;
    bad++;
  }
  if (bad === 0) return;
  throw new LeapError(
    'not-a-latent',
    `${bad} of ${data.length} values are NaN or infinite. The generation that wrote this file went wrong.`,
    { bad, first, values: data.length },
  );
}
