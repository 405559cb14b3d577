import { ABSENT, GraphBuilder, type Value } from './graph-builder';
import { ElementType } from './onnx-proto';
import type { BuiltGraph } from './types';
import { WeightsTable } from './weights-table';

/** PyTorch's cubic coefficient. */
const CUBIC_A = -0.75;

/**
 * Bicubic enlargement as torch.nn.functional.interpolate(mode='bicubic', align_corners=False) does it.
 *
 * Always fp32: the runtime's cubic resize in fp16 is invalid WGSL.
 *
 * @param x float32 [1, C, H, W]
 */
export function bicubicUp(b: GraphBuilder, x: Value, scale: number): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const wide = b.cast(x, ElementType.float32);
  const scales = b.floats([1, 1, scale, scale], [4], ElementType.float32);
  return b.op('Resize', [wide, ABSENT, scales], [1, channels, height * scale, width * scale], {
    attributes: {
      mode: 'cubic',
      cubic_coeff_a: { float: CUBIC_A },
      coordinate_transformation_mode: 'half_pixel',
    },
    multiplyAdds: channels * height * scale * width * scale * 16,
  });
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
