import { LeapError } from '../../errors';
import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, groupNorm, mul, reshape, sub } from '../onnx/ops';
import { divisor } from './range';

export interface NormConstants {
  groups: number;
  epsilon: number;
}

/** Mean and variance of each group of channels over the whole, in the units of the features given out. */
export interface Statistics {
  mean: ArrayLike<number>;
  variance: ArrayLike<number>;
}

/** A GroupNorm of the layer `key`: from the divided range to normal size. */
export type Normalise = (b: GraphBuilder, x: Value, key: string) => Value;

/** Uses the statistics of the tensor itself, which must be of the whole picture or latent. */
export function statisticsOfItself(constants: NormConstants): Normalise {
  return (b, x, key) => groupNorm(b, x, key, { ...constants, magnify: divisor(b.precision) });
}

/** With statistics that were gathered before, so that a tile gets what the whole would. */
export function givenStatistics(
  { groups, epsilon }: NormConstants,
  known: ReadonlyMap<string, Statistics>,
): Normalise {
  return (b, x, key) => {
    const statistics = known.get(key);
    if (!statistics) throw new LeapError('internal', `The statistics of ${key} are not known yet.`);
    const type = ElementType.float32;
    const channels = x.shape[1]!;
    const perChannel = (ofGroup: (group: number) => number): Value => {
      const size = channels / groups;
      const values = Array.from({ length: channels }, (_, c) => ofGroup(Math.floor(c / size)));
      return b.floats(values, [1, channels, 1, 1], type);
    };
    const layer = (name: string): Value =>
      reshape(b, b.weight(`${key}.${name}`, { shape: [channels], type }), [1, channels, 1, 1]);
    // The statistics are of divided values, for which the epsilon is smaller.
    const smaller = epsilon / divisor(b.precision) ** 2;
    const inverse = perChannel((group) => 1 / Math.sqrt(statistics.variance[group]! + smaller));
    const mean = perChannel((group) => statistics.mean[group]!);
    const centred = sub(b, b.cast(x, type), mean);
    const normal = add(b, mul(b, centred, mul(b, layer('weight'), inverse)), layer('bias'));
    return b.cast(normal, b.computeType);
  };
}
