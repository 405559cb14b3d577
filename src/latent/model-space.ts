import { LeapError } from '../errors';
import { FAMILIES } from './families';
import { BATCH_NORM_EPS, FLUX2_BATCH_NORM } from './flux2-batch-norm';
import type { BatchNorm, FamilyId, Space } from './types';

/**
 * Decoder space to model space, in place: (value * preScale - shift) * scale, rounded once; FLUX.2 by the batch norm of
 * its VAE.
 * @param data [C, H, W]
 * @param batchNorm of FLUX.2; default: the published one
 * @throws LeapError `bad-option` for another batch norm than FLUX.2's, `not-a-latent` when a value becomes infinite
 */
export function toModelSpace(
  data: Float32Array,
  dims: readonly [number, number, number],
  family: FamilyId,
  preScale: number,
  batchNorm: BatchNorm | undefined,
): void {
  const { scale, shift, batchNorm: normalised } = FAMILIES[family];
  if (!normalised) {
    for (let at = 0; at < data.length; at++) data[at] = (data[at]! * preScale - shift) * scale;
  } else {
    forEachPatchChannel(data, dims, checkBatchNorm(batchNorm), (value, mean, deviation) => {
      return (value * preScale - mean) / deviation;
    });
  }
  checkFinite(data);
}

/**
 * {@link toModelSpace} as one factor and one summand for each of the 4C channels of a 2x2 patch: model = value * scale
 * + shift. For devices that convert by themselves.
 * @throws LeapError as {@link toModelSpace}
 */
export function patchAffines(
  family: FamilyId,
  space: Space,
  batchNorm: BatchNorm | undefined,
): { scale: Float32Array; shift: Float32Array } {
  const { channels, scale, shift, batchNorm: normalised } = FAMILIES[family];
  const affines = { scale: new Float32Array(4 * channels).fill(1), shift: new Float32Array(4 * channels) };
  if (space === 'model') return affines;
  if (!normalised) {
    affines.scale.fill(scale);
    affines.shift.fill(-shift * scale);
    return affines;
  }
  const { mean, variance } = checkBatchNorm(batchNorm);
  for (const [i, value] of variance.entries()) {
    const deviation = Math.sqrt(value + BATCH_NORM_EPS);
    affines.scale[i] = 1 / deviation;
    affines.shift[i] = -mean[i]! / deviation;
  }
  return affines;
}

/** Model space to decoder space, in place: value / scale + shift; the inverse of {@link toModelSpace}. */
export function toDecoderSpace(
  data: Float32Array,
  dims: readonly [number, number, number],
  family: FamilyId,
  batchNorm: BatchNorm | undefined,
): void {
  const { scale, shift, batchNorm: normalised } = FAMILIES[family];
  if (!normalised) {
    for (let at = 0; at < data.length; at++) data[at] = data[at]! / scale + shift;
    return;
  }
  forEachPatchChannel(
    data,
    dims,
    checkBatchNorm(batchNorm),
    (value, mean, deviation) => value * deviation + mean,
  );
}

/** FLUX.2's batch norm has a mean and a variance for each of the 4C channels of a 2x2 patch. */
function forEachPatchChannel(
  data: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  { mean, variance }: BatchNorm,
  convert: (value: number, mean: number, deviation: number) => number,
): void {
  const deviations = variance.map((value) => Math.sqrt(value + BATCH_NORM_EPS));
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const patchChannel = c * 4 + (y & 1) * 2 + (x & 1);
        data[at] = convert(data[at]!, mean[patchChannel]!, deviations[patchChannel]!);
      }
    }
  }
}

/** @throws LeapError `not-a-latent` when any value is NaN or infinite */
export function checkFinite(data: Float32Array): void {
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
    `${bad} of ${data.length} values ${bad === 1 ? 'is' : 'are'} NaN or infinite. The generation that made them went wrong.`,
    { bad, first, values: data.length, complete: true },
  );
}

function checkBatchNorm(batchNorm: BatchNorm = FLUX2_BATCH_NORM): BatchNorm {
  const channels = FAMILIES.flux2.channels * 4;
  const { mean, variance } = batchNorm;
  const whole = mean.length === channels && variance.length === channels;
  if (whole && mean.every(Number.isFinite) && variance.every((value) => value >= 0)) return batchNorm;
  throw new LeapError('bad-option', `The batch norm of FLUX.2 has ${channels} means and as many variances.`);
}
