import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { addBranches, conv, relu } from '../onnx/ops';

/**
 * The residual blocks of our networks: x + conv2(ReLU(conv1(ReLU(conv0(x))))), `count` times.
 *
 * @param prefix of their tensors: `stages.0.blocks.` for `stages.0.blocks.0.conv0.weight`
 */
export function residualBlocks(b: GraphBuilder, x: Value, prefix: string, count: number): Value {
  let sum = x;
  for (let i = 0; i < count; i++) {
    const key = `${prefix}${i}.conv`;
    let inner = relu(b, conv(b, sum, `${key}0`));
    inner = relu(b, conv(b, inner, `${key}1`));
    sum = addBranches(b, sum, conv(b, inner, `${key}2`));
  }
  return sum;
}
