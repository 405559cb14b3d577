import type { Network } from '../network';
import type { GraphCost, GraphCosts } from './graph-costs';
import { planAxis, type TilingRule, wholeRule } from './plan-tiles';

/** What bounds the size of a tile. */
export interface TileLimits {
  /** Bytes of the largest tensor. */
  tensorBytes: number;
  /** Bytes of all that is alive during a run. */
  runBytes: number;
  /** Tile edge, in input positions. */
  edge: number;
}

/**
 * The bytes that a runtime really takes per byte that is alive. It keeps freed buffers for later, and re-orders the
 * inputs of convolutions. Counted in the browser on the buffers of onnxruntime-web's WebGPU provider, for a decoder of
 * 24 x 24 and 40 x 40 positions: 2.1 and 2.2.
 */
const RUNTIME_OVERHEAD = 2.2;

/** The bytes that a graph's session and run take, weights not counted. Constants are there once, from the session on. */
export function takenBytes({ peakBytes, constantBytes }: Omit<GraphCost, 'largestTensorBytes'>): number {
  return peakBytes * RUNTIME_OVERHEAD + constantBytes;
}

/**
 * Chooses the largest tiles within the limits, then makes them as small as their number allows, since every position
 * of overlap is computed twice. Below the smallest useful size the limits are ignored: trying is better than refusing.
 *
 * @returns a rule with one tile when the network cannot be tiled
 */
export function chooseRule(
  network: Network,
  costs: GraphCosts,
  limits: TileLimits,
  height: number,
  width: number,
): TilingRule {
  if (!network.overlap) return wholeRule(height, width);
  const { align, halo, fade } = network.overlap;
  const overlap = 2 * halo + fade;
  // At least a third of the edge is kept. A smaller tile would save no memory, and would cost many runs.
  const smallest = Math.ceil((overlap * 1.5) / align) * align + align;
  const excessOf = (tile: number) => {
    const cost = costs.of(network, Math.min(tile, height), Math.min(tile, width));
    const tooLarge = cost.largestTensorBytes / limits.tensorBytes;
    const tooMuch = takenBytes(cost) / Math.max(1, limits.runBytes);
    return Math.max(tooLarge, tooMuch);
  };
  const longest = Math.ceil(Math.max(height, width) / align) * align;
  const cap = Math.min(longest, limits.edge);
  let tile = Math.max(smallest, Math.floor(cap / align) * align);
  for (let excess = excessOf(tile); excess > 1 && tile > smallest; excess = excessOf(tile)) {
    // Costs grow with the area, so this is nearly right at once.
    const next = Math.min(tile - 1, tile / Math.sqrt(excess));
    tile = Math.max(smallest, Math.floor(next / align) * align);
  }
  return shrinkToCount({ tile, halo, fade, align }, Math.max(height, width));
}

/** The smallest tile that covers `length` with the same number of tiles as the given one. */
function shrinkToCount(rule: TilingRule, length: number): TilingRule {
  const count = planAxis(length, rule).length;
  if (count === 1) return rule;
  let best = rule;
  for (let tile = rule.tile - rule.align; tile > 2 * rule.halo + rule.fade; tile -= rule.align) {
    const candidate = { ...rule, tile };
    if (Math.floor((tile - 2 * rule.halo - rule.fade) / rule.align) < 1) break;
    if (planAxis(length, candidate).length > count) break;
    best = candidate;
  }
  return best;
}
