import { LeapError } from '../../errors';
import type { WeightsFile } from '../types';
import { findKlLayout, type KlLayout, type KlPart } from './kl-layout';

/**
 * One step of a full autoencoder: what comes before a resnet, and the resnet; or, at the end, the last
 * normalisation and convolution. Between two steps there is one tensor, so the network can be cut there: step `i`
 * takes point `i` (point 0 is the network's input) to point `i + 1`.
 */
export interface KlStep {
  /**
   * `first`: from the network's own input, up to its first 3x3 convolution. `attention`: every position looks at
   * every other one. `up`, `down`: the size changes, by the convolution `resample`.
   */
  before: 'nothing' | 'first' | 'attention' | 'up' | 'down';
  resample: string | undefined;
  /** Key of the resnet. The last step has none. */
  resnet: string | undefined;
  /** Its normalisations, in order. Each needs the statistics of the whole picture. */
  norms: string[];
  /** Positions of its output per position of the network's input: 1/8 to 8. */
  scale: number;
  /** Channels of its input, at its first normalisation, and of its output. */
  inputs: number;
  width: number;
  channels: number;
  /** Multiply-adds per position of its output, up to each of its normalisations, and to its end. */
  costs: number[];
}

/** The steps of a decoder or an encoder, and where its layers are. */
export interface KlSteps {
  part: KlPart;
  layout: KlLayout;
  steps: KlStep[];
}

/** A resnet with what comes before it. */
type Placed = Pick<KlStep, 'before' | 'resample'> & { key: string };

/**
 * @throws LeapError `bad-weights` when the tensors are of no known layout, `unsupported` when the size changes
 *   behind the last level
 */
export function listKlSteps(files: WeightsFile[], part: KlPart): KlSteps {
  const layout = findKlLayout(files, part);
  if (layout.levels.at(-1)?.resample) {
    throw new LeapError('unsupported', `The last level of this ${part} changes the size of the picture.`);
  }
  let scale = 1;
  let inputs = widthOf(layout, layout.convIn, 1);
  const steps = placeResnets(layout, part).map((placed): KlStep => {
    if (placed.before === 'up') scale *= 2;
    if (placed.before === 'down') scale /= 2;
    const step = { ...describeResnet(layout, placed, inputs), scale };
    inputs = step.channels;
    return step;
  });
  const channels = part === 'decoder' ? 3 : widthOf(layout, layout.convOut, 0) / 2;
  const costs = [0, weightCount(layout, layout.convOut)];
  const norms = [layout.normOut];
  const last = { before: 'nothing', resample: undefined, resnet: undefined, width: inputs } as const;
  return { part, layout, steps: [...steps, { ...last, norms, scale, inputs, channels, costs }] };
}

function placeResnets({ midResnets, attention, levels }: KlLayout, part: KlPart): Placed[] {
  const plain = { before: 'nothing', resample: undefined } as const;
  const middle: Placed[] = [
    { key: midResnets[0], ...plain },
    { key: midResnets[1], resample: undefined, before: attention ? 'attention' : 'nothing' },
  ];
  const rest = levels.flatMap(({ resnets }, level) => {
    // A change of size at the end of a level belongs to the next step.
    const resample = levels[level - 1]?.resample;
    const before = part === 'decoder' ? 'up' : 'down';
    return resnets.map((key, i): Placed => {
      return i === 0 && resample ? { key, before, resample } : { key, ...plain };
    });
  });
  const [first, ...others] = part === 'decoder' ? [...middle, ...rest] : [...rest, ...middle];
  return [{ ...first!, before: 'first' }, ...others];
}

function describeResnet(
  layout: KlLayout,
  { key, before, resample }: Placed,
  inputs: number,
): Omit<KlStep, 'scale'> {
  const beforeKey =
    before === 'first' ? layout.convIn : before === 'attention' ? layout.attention!.out : resample;
  const start = beforeKey ? weightCount(layout, beforeKey) : 0;
  const inner = start + weightCount(layout, `${key}.conv1`);
  const outer =
    inner + weightCount(layout, `${key}.conv2`) + weightCount(layout, `${key}.${layout.shortcut}`);
  return {
    before,
    resample,
    resnet: key,
    norms: [`${key}.norm1`, `${key}.norm2`],
    inputs,
    width: beforeKey ? widthOf(layout, beforeKey, 0) : inputs,
    channels: widthOf(layout, `${key}.conv1`, 0),
    costs: [start, inner, outer],
  };
}

/** Outputs (axis 0) or inputs (axis 1) of a convolution. */
function widthOf({ table }: KlLayout, key: string, axis: 0 | 1): number {
  return table.get(`${key}.weight`).shape[axis]!;
}

/** Multiply-adds of a convolution or linear layer per position of its output; 0 when it is not there. */
function weightCount({ table }: KlLayout, key: string): number {
  if (!table.has(`${key}.weight`)) return 0;
  return table.get(`${key}.weight`).shape.reduce((product, size) => product * size, 1);
}
