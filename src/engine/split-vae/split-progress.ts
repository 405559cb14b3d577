import type { KlStatistics } from '../../graph';
import type { Precision } from '../../graph/types';
import type { FeatureStore } from './feature-store';

let pictures = 0;

/** How far a split network has come with a picture. It is kept in the machine's memory, so it outlives a device. */
export class SplitProgress {
  /** The units of features and statistics depend on it. */
  readonly precision: Precision;
  readonly id = `#${++pictures}`;
  /** The point whose features are kept; 0 is the network's input, for which nothing is kept. */
  point = 0;
  features: FeatureStore | undefined;
  /** The features have the attention's result beside them. */
  attended = false;
  readonly statistics = new Map<string, KlStatistics>();

  constructor(precision: Precision) {
    this.precision = precision;
  }
}
