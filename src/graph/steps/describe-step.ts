import type { WeightsTable } from '../onnx/weights-table';
import type { Before, ResnetKeys, Step } from './step-list';

/**
 * A step with its widths and costs, as the weights tell them. The mixing of an attention is not counted: it is not
 * part of any piece.
 */
export function describeStep(
  table: WeightsTable,
  { before, resnet }: { before: Before; resnet?: ResnetKeys },
  { inputs, scale }: { inputs: number; scale: number },
): Step {
  const key = before.kind === 'attention' ? before.keys.out : 'conv' in before ? before.conv : undefined;
  const start = key ? weightCount(table, key) : 0;
  const width = key ? widthOf(table, key, 0) : inputs;
  const common = { before, resnet, inputs, width, scale };
  if (!resnet) return { ...common, norms: [], channels: width, costs: [start] };
  const [first, second] = resnet.convs;
  const inner = start + weightCount(table, first);
  const outer = inner + weightCount(table, second) + weightCount(table, resnet.shortcut);
  const costs = [start, inner, outer];
  return { ...common, norms: resnet.norms, channels: widthOf(table, first, 0), costs };
}

/** The last normalisation and the convolution `conv`. @param channels of the network's output */
export function describeLastStep(
  table: WeightsTable,
  { norm, conv, channels }: { norm: string; conv: string; channels: number },
  { inputs, scale }: { inputs: number; scale: number },
): Step {
  const costs = [0, weightCount(table, conv)];
  return {
    before: { kind: 'nothing' },
    resnet: undefined,
    norms: [norm],
    width: inputs,
    inputs,
    scale,
    channels,
    costs,
  };
}

/** Outputs (axis 0) or inputs (axis 1) of a convolution. */
export function widthOf(table: WeightsTable, key: string, axis: 0 | 1): number {
  return table.get(`${key}.weight`).shape[axis]!;
}

/** Multiply-adds of a convolution or linear layer per position of its output; 0 when it is not there. */
function weightCount(table: WeightsTable, key: string): number {
  if (!table.has(`${key}.weight`)) return 0;
  return table.get(`${key}.weight`).shape.reduce((product, size) => product * size, 1);
}
