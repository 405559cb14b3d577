import { ElementType } from '../onnx/onnx-proto';
import { conv, linear, mul, silu } from '../onnx/ops';
import { WeightsTable } from '../onnx/weights-table';
import { convIn } from '../steps/blocks';
import { describeLastStep, describeStep, widthOf } from '../steps/describe-step';
import type { Before, ResnetKeys, Step, StepList } from '../steps/step-list';
import type { WeightsFile } from '../types';

/**
 * What the network takes, per unit of decoder space: SDXL's factor, for latents of Stable Diffusion 1.x too, whose own
 * is another one.
 */
const INPUT_SCALE = 0.13025;

/** A step without a normalisation (a convolution, an attention or the enlargement), or a residual block. */
type Placed = { before: Before; resnet?: ResnetKeys };

/**
 * The steps of NNLatentUpscale at a factor: the first convolution, the entries of `in_blocks`, a bilinear enlargement,
 * the entries of `out_blocks`, and the last convolution. How many there are is read from the keys.
 *
 * @throws LeapError `bad-weights` when the tensors are not those of the layout
 */
export function listNnSteps(files: WeightsFile[], factor: number): StepList {
  const table = new WeightsTable(files);
  const before = [
    { before: { kind: 'first', conv: 'conv_in' } } as const,
    ...placeEntries(table, 'in_blocks'),
  ];
  const behind = [{ before: { kind: 'enlarge' } } as const, ...placeEntries(table, 'out_blocks')];
  let inputs = widthOf(table, 'conv_in', 1);
  const placeAt =
    (scale: number) =>
    (placed: Placed): Step => {
      const step = describeStep(table, placed, { inputs, scale });
      inputs = step.channels;
      return step;
    };
  const steps = [...before.map(placeAt(1)), ...behind.map(placeAt(factor))];
  const end = { norm: 'norm_out', conv: 'conv_out', channels: widthOf(table, 'conv_out', 0) };
  return {
    name: `nn-latent-upscale x${factor}`,
    table,
    norm: { groups: 32, epsilon: 1e-5 },
    steps: [...steps, describeLastStep(table, end, { inputs, scale: factor })],
    begin(b, input) {
      const scaled = mul(b, input, b.floats([INPUT_SCALE], [], ElementType.float32));
      return convIn(b, b.cast(scaled, b.computeType), 'conv_in');
    },
    finish(b, active) {
      const last = b.cast(conv(b, active, 'conv_out'), ElementType.float32);
      return mul(b, last, b.floats([1 / INPUT_SCALE], [], ElementType.float32));
    },
    // embed.2(SiLU(embed.0(factor - 1))), activated once more as every block begins with it.
    embed(b) {
      const value = b.floats([factor - 1], [1, 1], ElementType.float32);
      return silu(b, linear(b, silu(b, linear(b, value, 'embed.0')), 'embed.2'));
    },
  };
}

/** The entries of a list, in their order. */
function placeEntries(table: WeightsTable, list: string): Placed[] {
  const entries: Placed[] = [];
  for (let i = 0; ; i++) {
    const at = (layer: string) => `${list}.${i}.${layer}`;
    if (table.has(at('q.weight'))) {
      const keys = { norm: at('norm'), query: at('q'), key: at('k'), value: at('v'), out: at('proj_out') };
      entries.push({ before: { kind: 'attention', keys } });
    } else if (table.has(at('in_layers.0.weight'))) {
      entries.push({ before: { kind: 'nothing' }, resnet: residualBlock(at) });
    } else {
      return entries;
    }
  }
}

function residualBlock(at: (layer: string) => string): ResnetKeys {
  return {
    norms: [at('in_layers.0'), at('out_layers.0')],
    convs: [at('in_layers.2'), at('out_layers.3')],
    shortcut: at('skip_connection'),
    shift: at('emb_layers.1'),
  };
}
