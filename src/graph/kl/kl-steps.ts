import { LeapError } from '../../errors';
import { describeLastStep, describeStep, widthOf } from '../steps/describe-step';
import { isLastPiece, scaleAt } from '../steps/piece';
import type { Before, ResnetKeys, Step, StepList } from '../steps/step-list';
import type { WeightsFile } from '../types';
import { finishKl, startKl } from './kl-ends';
import { findKlLayout, type KlLayout, type KlPart } from './kl-layout';

/** AutoencoderKL's own constants. */
const NORM = { groups: 32, epsilon: 1e-6 };

/** A resnet with what comes before it. */
interface Placed {
  before: Before;
  resnet: ResnetKeys;
}

/**
 * The steps of a full decoder or encoder (AutoencoderKL).
 *
 * @throws LeapError `bad-weights` when the tensors are of no known layout, `unsupported` when the size changes
 *   behind the last level
 */
export function listKlSteps(files: WeightsFile[], part: KlPart): StepList {
  const layout = findKlLayout(files, part);
  const { table } = layout;
  if (layout.levels.at(-1)?.resample) {
    throw new LeapError('unsupported', `The last level of this ${part} changes the size of the picture.`);
  }
  let scale = 1;
  let inputs = widthOf(table, layout.convIn, 1);
  const steps = placeResnets(layout, part).map((placed): Step => {
    if (placed.before.kind === 'up') scale *= 2;
    if (placed.before.kind === 'down') scale /= 2;
    const step = describeStep(table, placed, { inputs, scale });
    inputs = step.channels;
    return step;
  });
  const channels = part === 'decoder' ? 3 : widthOf(table, layout.convOut, 0) / 2;
  const end = { norm: layout.normOut, conv: layout.convOut, channels };
  const network: StepList = {
    name: `kl-${part}`,
    table,
    norm: NORM,
    steps: [...steps, describeLastStep(table, end, { inputs, scale })],
    begin: (b, input) => startKl(b, input, layout, part),
    finish: (b, active) => finishKl(b, active, layout, part),
    alignOf(piece, align) {
      const ends = isLastPiece(network, piece);
      // FLUX.2's batch norm tells odd from even positions of the latent.
      const pairs = layout.hasBatchNorm && (part === 'decoder' ? piece.from === 0 : ends);
      const even = pairs ? 2 * align : align;
      // The result of a picture's tile is kept in whole latent positions.
      return part === 'decoder' && ends ? Math.max(even, scaleAt(network, piece.from)) : even;
    },
  };
  return network;
}

function placeResnets(layout: KlLayout, part: KlPart): Placed[] {
  const { midResnets, attention, levels } = layout;
  const plain: Before = { kind: 'nothing' };
  const place = (key: string, before: Before): Placed => ({ before, resnet: resnetKeys(key, layout) });
  const middle = [
    place(midResnets[0], plain),
    place(midResnets[1], attention ? { kind: 'attention', keys: attention } : plain),
  ];
  const rest = levels.flatMap(({ resnets }, level) => {
    // A change of size at the end of a level belongs to the next step.
    const conv = levels[level - 1]?.resample;
    const kind = part === 'decoder' ? 'up' : 'down';
    return resnets.map((key, i) => place(key, i === 0 && conv ? { kind, conv } : plain));
  });
  const [first, ...others] = part === 'decoder' ? [...middle, ...rest] : [...rest, ...middle];
  return [{ ...first!, before: { kind: 'first', conv: layout.convIn } }, ...others];
}

function resnetKeys(key: string, { shortcut }: KlLayout): ResnetKeys {
  return {
    norms: [`${key}.norm1`, `${key}.norm2`],
    convs: [`${key}.conv1`, `${key}.conv2`],
    shortcut: `${key}.${shortcut}`,
  };
}
