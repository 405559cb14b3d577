import { GraphBuilder, type Value } from './onnx/graph-builder';
import { ElementType } from './onnx/onnx-proto';
import { matMul } from './onnx/ops';
import { WeightsTable } from './onnx/weights-table';
import type { BuiltGraph } from './types';

/** PyTorch's cubic coefficient. */
const CUBIC_A = -0.75;

/**
 * Bicubic enlargement as torch.nn.functional.interpolate(mode='bicubic', align_corners=False) does it: the
 * enlargement is linear in rows and in columns, so it is one matrix for each.
 *
 * ONNX's cubic Resize gives the same values, but it is 25 times slower on the CPU and invalid WGSL in fp16.
 * Always fp32.
 *
 * @param x [1, C, H, W]
 * @returns float32 [1, C, scale H, scale W]
 */
export function bicubicUp(b: GraphBuilder, x: Value, scale: number): Value {
  const [, , height = 0, width = 0] = x.shape;
  const wide = b.cast(x, ElementType.float32);
  const matrix = (length: number): Value =>
    b.floats(enlargement(length, scale), [length * scale, length], ElementType.float32);
  const columns = b.op('Transpose', [matrix(width)], [width, width * scale], {
    attributes: { perm: [1, 0] },
  });
  return matMul(b, matrix(height), matMul(b, wide, columns));
}

/** The baseline: a latent enlarged `scale` times. */
export function buildBicubic(options: {
  channels: number;
  height: number;
  width: number;
  scale: number;
}): BuiltGraph {
  const { channels, height, width, scale } = options;
  const b = new GraphBuilder(new WeightsTable([]), 'fp32');
  return b.finish(bicubicUp(b, b.input([1, channels, height, width]), scale), `bicubic-x${scale}`);
}

/** Row i holds the weights of the inputs in output i: [length * scale, length]. Beyond an edge the edge repeats. */
function enlargement(length: number, scale: number): number[] {
  const matrix: number[] = Array(length * scale * length).fill(0);
  for (let i = 0; i < length * scale; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const source = Math.min(Math.max(tap, 0), length - 1);
      matrix[i * length + source]! += cubic(Math.abs(centre - tap));
    }
  }
  return matrix;
}

/** Keys' kernel at a distance of up to 2. */
function cubic(distance: number): number {
  const a = CUBIC_A;
  return distance <= 1
    ? ((a + 2) * distance - (a + 3)) * distance ** 2 + 1
    : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
}
