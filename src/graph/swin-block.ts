import type { GraphBuilder, Value } from './graph-builder';
import { add, gelu, layerNorm, linear, matMul, mul, reshape, softmax, transpose } from './ops';
import { positionBias } from './windows';

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
  const middle = add(b, x, linear(b, attended, `${key}.attn.proj`));
  const hidden = gelu(b, linear(b, layerNorm(b, middle, `${key}.norm2`), `${key}.mlp.fc1`));
  return add(b, middle, linear(b, hidden, `${key}.mlp.fc2`));
}

/** softmax(q k^T / sqrt(d) + bias + mask) v for each window and head, heads joined again: [T, E]. */
function windowAttention(b: GraphBuilder, x: Value, options: SwinBlockOptions): Value {
  const { key, heads, window, mask } = options;
  const [tokens = 0, embed = 0] = x.shape;
  const n = window ** 2;
  const [windows, depth] = [tokens / n, embed / heads];

  const joined = reshape(b, linear(b, x, `${key}.attn.qkv`), [windows, n, 3, heads, depth]);
  const part = [1, windows, heads, n, depth];
  const [q, k, v] = b
    .ops('Split', [transpose(b, joined, [2, 0, 3, 1, 4])], [part, part, part], {
      attributes: { axis: 0, num_outputs: 3 },
    })
    .map((value) => reshape(b, value, part.slice(1))) as [Value, Value, Value];

  const scaled = mul(b, q, b.floats([depth ** -0.5]));
  const table = b.weight(`${key}.attn.relative_position_bias_table`, {
    shape: [(2 * window - 1) ** 2, heads],
  });
  let scores = add(b, matMul(b, scaled, transpose(b, k, [0, 1, 3, 2])), positionBias(b, table, window));
  if (mask) scores = add(b, scores, mask);
  const mixed = matMul(b, softmax(b, scores), v);
  return reshape(b, transpose(b, mixed, [0, 2, 1, 3]), [tokens, embed]);
}
