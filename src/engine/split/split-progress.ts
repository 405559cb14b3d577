import type { Statistics } from '../../graph';
import type { Precision } from '../../graph/types';
import type { FeatureStore } from './feature-store';

let runs = 0;

/** How far a split network has come. It is kept in the machine's memory, so it outlives a device. */
export class SplitProgress {
  /** The units of features and statistics depend on it. */
  readonly precision: Precision;
  readonly id = `#${++runs}`;
  /** The point whose features are kept; 0 is the network's input, for which nothing is kept. */
  point = 0;
  features: FeatureStore | undefined;
  /** The features have the attention's result beside them. */
  attended = false;
  readonly statistics = new Map<string, Statistics>();

  constructor(precision: Precision) {
    this.precision = precision;
  }

  /** What an earlier attempt left, if it is of this precision; otherwise a new beginning. */
  static goOn(earlier: SplitProgress | undefined, precision: Precision): SplitProgress {
    return earlier?.precision === precision ? earlier : new SplitProgress(precision);
  }
}
