import { swinGroups, toPicture, toTokens } from '../lua/swin-groups';
import { swinReach } from '../lua/swin-reach';
import { trunkEnd, trunkStart } from '../lua/swin-trunk';
import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { concat, splitSizes } from '../onnx/ops';
import { FILTER_REACH } from '../resample';
import type { OwnGraph, Step, StepList } from '../steps/step-list';
import type { WeightsFile } from '../types';
import { featuresOf, firstConv, type Lsr, lsrHead, readLsr } from './lsr';

/** Convolutions behind the last group: `conv_after_body` and `conv_before_upsample`. */
const LAST_CONVS = 2;
/** A tile's edge in halos of one side: with eight of them a little more than half of the tile is kept. */
const EDGE_IN_HALOS = 8;

/**
 * The steps of LSR at a factor: the groups of its trunk, then the head. Nothing in it sees the whole, but its windows
 * pass on what they see: all groups together reach about a hundred positions, one group a quarter of that. So the
 * features behind every group are kept, and with the halo of one group tiles are exact.
 *
 * The latent goes along behind the features, as the last group and the head need it. The trunk works on whole windows:
 * until the head the sides are those of the latent continued by reflection.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function listLsrSteps(files: WeightsFile[], factor: number): StepList {
  const lsr = readLsr(files);
  const { table, shape, channels, width, features } = lsr;
  const { window_size: window, depths } = shape;
  const groups = depths.map((blocks, i): Step => {
    const [isFirst, isLast] = [i === 0, i === depths.length - 1];
    const reach = swinReach(blocks, window, isLast ? LAST_CONVS : 0) + (isFirst ? 1 : 0);
    const halo = Math.ceil(reach / window) * window;
    const build = (b: GraphBuilder, x: Value) => groupGraph(b, x, { lsr, group: i, isFirst, isLast });
    const before: OwnGraph = { kind: 'own', build, reach, align: window, edge: EDGE_IN_HALOS * halo };
    const inputs = isFirst ? channels : width + channels;
    const outputs = (isLast ? features : width) + channels;
    const ends = [...(isFirst ? ['conv_first.'] : []), ...(isLast ? ['conv_'] : [])];
    return ownStep(before, { inputs, outputs, scale: 1, cost: weightsUnder(lsr, [`layers.${i}.`, ...ends]) });
  });
  const build = (b: GraphBuilder, x: Value) => {
    const [deep, latent] = splitSizes(b, x, 1, [features, channels]) as [Value, Value];
    return lsrHead(b, b.cast(deep, b.computeType), latent, factor);
  };
  const head: OwnGraph = { kind: 'own', build, reach: FILTER_REACH.bicubic, align: 1, edge: 0 };
  const padded = (side: number) => Math.ceil(side / window) * window;
  return {
    name: `lsr x${factor}`,
    table,
    norm: { groups: 1, epsilon: 0 },
    steps: [
      ...groups,
      ownStep(head, {
        inputs: features + channels,
        outputs: channels,
        scale: factor,
        // Four answers for each position of the result.
        cost: 4 * weightsUnder(lsr, ['imnet.layers.2', 'imnet.layers.4', 'imnet.layers.6', 'imnet.layers.8']),
      }),
    ],
    // The latent would lose what float16 cannot hold.
    keepsFloat32: true,
    sizeAt: (point, height, width) =>
      point < groups.length ? [padded(height), padded(width)] : [height, width],
  };
}

/** [1, E + 4, h, w] to the same behind a group; the first takes the latent, the last gives the head's features. */
function groupGraph(
  b: GraphBuilder,
  input: Value,
  { lsr, group, isFirst, isLast }: { lsr: Lsr; group: number; isFirst: boolean; isLast: boolean },
): Value {
  const { shape, channels, width: inside } = lsr;
  const [, , height = 0, width = 0] = input.shape;
  const [features, latent] = isFirst
    ? [undefined, input]
    : (splitSizes(b, input, 1, [inside, channels]) as [Value, Value]);
  const tokens = features
    ? toTokens(b, b.cast(features, b.computeType))
    : trunkStart(b, firstConv(b, latent));
  const grid = { height, width, window: shape.window_size };
  const range = { from: group, to: group + 1 };
  const behind = swinGroups(b, tokens, { grid, depths: shape.depths, heads: shape.heads, range });
  const result = isLast
    ? featuresOf(b, trunkEnd(b, behind, firstConv(b, latent)))
    : toPicture(b, behind, height, width);
  return concat(b, [b.cast(result, ElementType.float32), latent], 1);
}

function ownStep(
  before: OwnGraph,
  { inputs, outputs, scale, cost }: { inputs: number; outputs: number; scale: number; cost: number },
): Step {
  const nothing = { resnet: undefined, norms: [] };
  return { ...nothing, before, scale, inputs, width: outputs, channels: outputs, costs: [cost] };
}

/** Multiply-adds per position of the linear layers and convolutions whose names begin so. */
function weightsUnder({ table }: Lsr, prefixes: string[]): number {
  return table.names
    .filter((name) => name.endsWith('.weight') && prefixes.some((prefix) => name.startsWith(prefix)))
    .map((name) => table.get(name).shape)
    .filter((sizes) => sizes.length > 1)
    .reduce((sum, sizes) => sum + sizes.reduce((product, size) => product * size, 1), 0);
}
