import type { GraphBuilder, Value } from './graph-builder';
import type { KlLayout } from './kl-layout';
import {
  add,
  type ConvOptions,
  concat,
  conv,
  groupNorm,
  linear,
  matMul,
  reshape,
  silu,
  softmax,
  splitSizes,
  transpose,
} from './ops';

/** AutoencoderKL's own constants. */
const NORM = { groups: 32, epsilon: 1e-6 };
/** Scores of the attention in one tensor: 64 MiB in fp32. More are computed in parts of the queries. */
const MAX_SCORES = 2 ** 24;

/**
 * What the convolutions' outputs are divided by in fp16. SDXL's decoder exceeds fp16's 65504; everything between
 * two normalisations is linear, so a factor multiplied into the constants and undone before the statistics changes
 * nothing else. A power of two costs no accuracy, and this one leaves room for activations up to 4e6.
 */
const HALF_RANGE_DIVISOR = 64;

function divisor(b: GraphBuilder): number {
  return b.precision === 'fp16' ? HALF_RANGE_DIVISOR : 1;
}

/** A convolution from what is of normal size (an input, or a normalised tensor) into the divided range. */
export function convIn(b: GraphBuilder, x: Value, key: string): Value {
  const scale = 1 / divisor(b);
  return conv(b, x, key, { weightScale: scale, biasScale: scale });
}

/** A convolution inside the divided range. */
export function convWithin(b: GraphBuilder, x: Value, key: string, options: ConvOptions = {}): Value {
  return conv(b, x, key, { ...options, biasScale: 1 / divisor(b) });
}

/** GroupNorm over the whole picture and SiLU: from the divided range to normal size. */
export function normAndActivate(b: GraphBuilder, x: Value, key: string): Value {
  return silu(b, groupNorm(b, x, key, { ...NORM, magnify: divisor(b) }));
}

/** conv2(act(norm2(conv1(act(norm1(x)))))) + shortcut(x). */
export function resnet(b: GraphBuilder, x: Value, key: string, shortcut: string): Value {
  const first = convIn(b, normAndActivate(b, x, `${key}.norm1`), `${key}.conv1`);
  const second = convIn(b, normAndActivate(b, first, `${key}.norm2`), `${key}.conv2`);
  const hasShortcut = b.hasWeight(`${key}.${shortcut}.weight`);
  return add(b, hasShortcut ? convWithin(b, x, `${key}.${shortcut}`) : x, second);
}

/** The middle: resnet, attention of every position to every other (one head), resnet. */
export function middle(b: GraphBuilder, x: Value, layout: KlLayout): Value {
  const [first, second] = layout.midResnets;
  let value = resnet(b, x, first, layout.shortcut);
  if (layout.attention) value = attention(b, value, layout.attention);
  return resnet(b, value, second, layout.shortcut);
}

function attention(b: GraphBuilder, x: Value, keys: NonNullable<KlLayout['attention']>): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const positions = height * width;
  const normal = groupNorm(b, x, keys.norm, { ...NORM, magnify: divisor(b) });
  const tokens = reshape(b, transpose(b, normal, [0, 2, 3, 1]), [positions, channels]);
  const query = linear(b, tokens, keys.query, [channels ** -0.5]);
  const key = transpose(b, linear(b, tokens, keys.key), [1, 0]);
  const value = linear(b, tokens, keys.value);
  const mixed = partsOf(b, query).map((part) => matMul(b, softmax(b, matMul(b, part, key)), value));
  const out = reshape(b, linear(b, concat(b, mixed, 0), keys.out, [1 / divisor(b)]), [
    1,
    height,
    width,
    channels,
  ]);
  return add(b, x, transpose(b, out, [0, 3, 1, 2]));
}

/** Queries [N, C] in parts so small that a part's scores stay under the limit. */
function partsOf(b: GraphBuilder, query: Value): Value[] {
  const positions = query.shape[0]!;
  const rows = Math.max(1, Math.floor(MAX_SCORES / positions));
  const sizes = Array.from({ length: Math.ceil(positions / rows) }, (_, i) =>
    Math.min(rows, positions - i * rows),
  );
  return splitSizes(b, query, 0, sizes);
}
