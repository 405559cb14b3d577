import type { GraphBuilder, Value } from '../onnx/graph-builder';
import {
  add,
  addBranches,
  gelu,
  layerNorm,
  linear,
  matMul,
  reshape,
  softmax,
  split,
  transpose,
} from '../onnx/ops';
import { positionBias } from './windows';

const FIRST_BLOCK = 'layers.0.residual_group.blocks.0';

export interface SwinBlockOptions {
  /** Prefix of the block's tensors. */
  key: string;
  heads: number;
  window: number;
  /** Constant [windows, 1, N, N] of a shifted block. */
  mask: Value | undefined;
}

/**
 * One Swin block: x + proj(attention(LN(x))), then x + fc2(GELU(fc1(LN(x)))).
 *
 * @param x tokens [T, E] in the order of the block's windows, N = window^2 after one another
 */
export function swinBlock(b: GraphBuilder, x: Value, options: SwinBlockOptions): Value {
  const { key } = options;
  const attended = windowAttention(b, layerNorm(b, x, `${key}.norm1`), options);
  const middle = addBranches(b, x, linear(b, attended, `${key}.attn.proj`));
  const hidden = gelu(b, linear(b, layerNorm(b, middle, `${key}.norm2`), `${key}.mlp.fc1`));
  return addBranches(b, middle, linear(b, hidden, `${key}.mlp.fc2`));
}

/**
 * softmax(q k^T / sqrt(d) + bias + mask) v for each window and head, heads joined again: [T, E].
 *
 * One product gives q, k and v, with 1 / sqrt(d) folded into the rows of q. They are split before they are
 * transposed, each straight into the layout that its product wants.
 */
function windowAttention(b: GraphBuilder, x: Value, options: SwinBlockOptions): Value {
  const { key, heads, window, mask } = options;
  const [tokens = 0, embed = 0] = x.shape;
  const n = window ** 2;
  const [windows, depth] = [tokens / n, embed / heads];

  const scale = Array.from({ length: 3 }, (_, part) =>
    Array(embed).fill(part === 0 ? depth ** -0.5 : 1),
  ).flat();
  // SwinIR's option qkv_bias is one for all blocks.
  const bias = b.hasWeight(`${FIRST_BLOCK}.attn.qkv.bias`) ? 'required' : 'none';
  const qkv = linear(b, x, `${key}.attn.qkv`, scale, bias);
  const joined = reshape(b, qkv, [windows, n, 3, heads, depth]);
  const part = [windows, n, heads, depth];
  const [q, k, v] = split(b, joined, 2).map((value) => reshape(b, value, part)) as [Value, Value, Value];
  const table = b.weight(`${key}.attn.relative_position_bias_table`, {
    shape: [(2 * window - 1) ** 2, heads],
  });

  const products = matMul(b, transpose(b, q, [0, 2, 1, 3]), transpose(b, k, [0, 2, 3, 1]));
  const biased = add(b, products, positionBias(b, table, window));
  const scores = mask ? add(b, biased, mask) : biased;
  const mixed = matMul(b, softmax(b, scores), transpose(b, v, [0, 2, 1, 3]));
  return reshape(b, transpose(b, mixed, [0, 2, 1, 3]), [tokens, embed]);
}
