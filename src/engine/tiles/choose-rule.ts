import type { Precision } from '../../graph/types';
import type { Network } from '../networks';
import type { Device } from '../runtime';
import { planAxis, type TilingRule } from './plan-tiles';

/** Larger tiles than this gain nothing, and progress and cancelling wait for the tile's end. */
const LARGEST_TILE = { webgpu: 512, cpu: 256, wasm: 128 };

/**
 * The largest tiles whose tensors the device can hold, then made as small as their number allows, since every
 * position of overlap is computed twice.
 *
 * @param limit largest tile edge that the caller allows, in input positions
 * @returns a rule with one tile when the network cannot be tiled
 */
export function chooseRule(
  network: Network,
  device: Device,
  precision: Precision,
  height: number,
  width: number,
  limit = Number.POSITIVE_INFINITY,
): TilingRule {
  if (!network.overlap) return { tile: Math.max(height, width), halo: 0, fade: 0, align: 1 };
  const { align, halo, fade } = network.overlap;
  const overlap = 2 * halo + fade;
  // At least a third of the edge is kept: below that a smaller tile saves memory no more, and costs many runs.
  const smallest = Math.ceil((overlap * 1.5) / align) * align + align;
  const longest = Math.ceil(Math.max(height, width) / align) * align;
  const cap = Math.min(longest, LARGEST_TILE[device.backend], limit);
  let tile = Math.max(smallest, Math.floor(cap / align) * align);
  while (
    tile > smallest &&
    !fits(network, device, precision, Math.min(tile, height), Math.min(tile, width))
  ) {
    tile = Math.max(smallest, Math.floor((tile * 3) / 4 / align) * align);
  }
  return shrinkToCount({ tile, halo, fade, align }, Math.max(height, width));
}

function fits(
  network: Network,
  device: Device,
  precision: Precision,
  height: number,
  width: number,
): boolean {
  return network.build(height, width, precision).largestTensorBytes <= device.maxTensorBytes;
}

/** The smallest tile that covers `length` with as many tiles as the given one. */
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
