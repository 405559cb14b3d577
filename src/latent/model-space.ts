import { LeapError } from '../errors';
import { FAMILIES } from './families';
import type { BatchNorm, FamilyId } from './types';

/** `batch_norm_eps` of diffusers' `AutoencoderKLFlux2`. */
const BATCH_NORM_EPS = 1e-4;

/**
 * Decoder space to model space, in place: (value * preScale - shift) * scale, rounded once; FLUX.2 by the batch norm of
 * its VAE.
 * @param data [C, H, W]
 * @throws LeapError `unsupported` for FLUX.2 without the VAE's statistics, which no formula gives
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
    return;
  }
  forEachPatchChannel(data, dims, needBatchNorm(batchNorm), (value, mean, deviation) => {
    return (value * preScale - mean) / deviation;
  });
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
    needBatchNorm(batchNorm),
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

function needBatchNorm(batchNorm: BatchNorm | undefined): BatchNorm {
  const channels = FAMILIES.flux2.channels * 4;
  if (!batchNorm) {
    throw new LeapError(
      'unsupported',
      'FLUX.2 in decoder space (as the klein pipeline of diffusers returns it) needs the batch norm statistics of its ' +
        'VAE: give bn.running_mean and bn.running_var as the option batchNorm, or save the latent before ' +
        'un-normalising it.',
      { family: 'flux2', space: 'decoder' },
    );
  }
  if (batchNorm.mean.length !== channels || batchNorm.variance.length !== channels) {
    throw new LeapError('bad-option', `The batch norm of FLUX.2 has ${channels} means and variances.`);
  }
  return batchNorm;
}
