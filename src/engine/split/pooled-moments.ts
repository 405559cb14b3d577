import { LeapError } from '../../errors';
import type { Statistics } from '../../graph';
import type { TileMoments } from '../device/runtime';

/**
 * Mean and variance of each channel over a whole, from those of its tiles, in double precision. The sums of
 * squares are about each tile's own mean, so nothing is lost where the mean is large (Chan, Golub, LeVeque 1979).
 */
export class PooledMoments {
  #count = 0;
  #mean: Float64Array | undefined;
  #squares: Float64Array | undefined;

  /** @throws LeapError `bad-output` when a value is not a number: the features exceeded the range of the precision */
  add({ count, mean, squares }: TileMoments): void {
    this.#mean ??= new Float64Array(mean.length);
    this.#squares ??= new Float64Array(mean.length);
    const total = this.#count + count;
    for (let c = 0; c < mean.length; c++) {
      if (!Number.isFinite(mean[c]) || !Number.isFinite(squares[c])) {
        throw new LeapError('bad-output', 'Values inside the network are not numbers any more.', {
          channel: c,
        });
      }
      const difference = mean[c]! - this.#mean[c]!;
      this.#mean[c]! += (difference * count) / total;
      this.#squares[c]! += squares[c]! + (difference ** 2 * this.#count * count) / total;
    }
    this.#count = total;
  }

  /** Statistics of `groups` groups of neighbouring channels. The variance is that of the values, not of a sample. */
  ofGroups(groups: number): Statistics {
    const [means, squares] = [this.#mean!, this.#squares!];
    const size = means.length / groups;
    const mean = new Float64Array(groups);
    const variance = new Float64Array(groups);
    for (let group = 0; group < groups; group++) {
      const [from, to] = [group * size, (group + 1) * size];
      mean[group] = means.subarray(from, to).reduce((sum, value) => sum + value, 0) / size;
      for (let c = from; c < to; c++) {
        variance[group]! += (squares[c]! / this.#count + (means[c]! - mean[group]!) ** 2) / size;
      }
    }
    return { mean, variance };
  }
}
