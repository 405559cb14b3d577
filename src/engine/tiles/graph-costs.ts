import type { Precision } from '../../graph/types';
import type { Network } from '../network';

export interface GraphCost {
  largestTensorBytes: number;
  peakBytes: number;
  constantBytes: number;
}

/** What runs of a network on tiles cost. A graph is built once for each question, and then dropped. */
export class GraphCosts {
  readonly #precision: Precision;
  readonly #known = new Map<string, GraphCost>();

  constructor(precision: Precision) {
    this.#precision = precision;
  }

  of(network: Network, height: number, width: number): GraphCost {
    const key = `${network.key} ${height}x${width}`;
    let cost = this.#known.get(key);
    if (!cost) {
      const { largestTensorBytes, peakBytes, constantBytes } = network.build(height, width, this.#precision);
      cost = { largestTensorBytes, peakBytes, constantBytes };
      this.#known.set(key, cost);
    }
    return cost;
  }
}
