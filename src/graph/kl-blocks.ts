import type { GraphBuilder, Value } from './graph-builder';
import type { KlLayout } from './kl-layout';
import { ElementType } from './onnx-proto';
import {
  add,
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
const GROUPS = 32;
const EPSILON = 1e-6;
/** Scores of the attention in one tensor: 64 MiB in fp32. More are computed in parts of the queries. */
const MAX_SCORES = 2 ** 24;

/** GroupNorm and SiLU, in fp32 whatever the precision: the statistics are those of the whole picture. */
export function normAndActivate(b: GraphBuilder, x: Value, key: string): Value {
  const normal = groupNorm(b, b.cast(x, ElementType.float32), key, GROUPS, EPSILON);
  return b.cast(silu(b, normal), x.type);
}

/** conv2(act(norm2(conv1(act(norm1(x)))))) + shortcut(x). */
export function resnet(b: GraphBuilder, x: Value, key: string, shortcut: string): Value {
  const first = conv(b, normAndActivate(b, x, `${key}.norm1`), `${key}.conv1`);
  const second = conv(b, normAndActivate(b, first, `${key}.norm2`), `${key}.conv2`);
  const hasShortcut = b.hasWeight(`${key}.${shortcut}.weight`);
  return add(b, hasShortcut ? conv(b, x, `${key}.${shortcut}`) : x, second);
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
  const normal = b.cast(groupNorm(b, b.cast(x, ElementType.float32), keys.norm, GROUPS, EPSILON), x.type);
  const tokens = reshape(b, transpose(b, normal, [0, 2, 3, 1]), [positions, channels]);
  const scale = Array(channels).fill(channels ** -0.5);
  const query = linear(b, tokens, keys.query, scale);
  const key = transpose(b, linear(b, tokens, keys.key), [1, 0]);
  const value = linear(b, tokens, keys.value);
  const mixed = partsOf(b, query).map((part) => matMul(b, softmax(b, matMul(b, part, key)), value));
  const out = reshape(b, linear(b, concat(b, mixed, 0), keys.out), [1, height, width, channels]);
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
