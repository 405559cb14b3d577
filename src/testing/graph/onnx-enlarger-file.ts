import { ANY_SIZE, ElementType, encodeModel } from '../../graph/onnx/onnx-proto';
import { randomTensor } from './random-weights';

const WIDTH = 16;

export interface EnlargerFile {
  scale: number;
  /** The only size that it takes; default: any. */
  edge?: number;
  type?: ElementType;
  channels?: number;
  /** Has a node, which changes nothing, behind which its factor cannot be followed. */
  secret?: boolean;
}

/**
 * An ONNX file as pixel upscalers are exported: convolution, ReLU, convolution, pixel-shuffle, the weights inside,
 * names of its own for input and output.
 */
export function writeOnnxEnlarger({
  scale,
  edge = ANY_SIZE,
  type = ElementType.float32,
  channels = 3,
  secret = false,
}: EnlargerFile): Uint8Array {
  const weight = (name: string, shape: number[]) => ({
    name,
    type: ElementType.float32,
    shape,
    data: new Uint8Array(randomTensor(name, shape).map((value) => value / 2).buffer),
  });
  const node = (opType: string, input: string[], output: string, attributes = {}) => ({
    name: output,
    opType,
    input,
    output: [output],
    attributes,
  });
  const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  return encodeModel({
    graphName: 'enlarger',
    opsets: [{ domain: '', version: 17 }],
    nodes: [
      node('Conv', ['picture', 'first.weight'], 'inner', same),
      ...(secret ? [node('Transpose', ['inner'], 'same', { perm: [0, 1, 2, 3] })] : []),
      node('Relu', [secret ? 'same' : 'inner'], 'active'),
      node('Conv', ['active', 'last.weight', 'last.bias'], 'phases', same),
      node('DepthToSpace', ['phases'], 'large', { blocksize: scale, mode: 'CRD' }),
    ],
    initializers: [
      weight('first.weight', [WIDTH, channels, 3, 3]),
      weight('last.weight', [channels * scale ** 2, WIDTH, 3, 3]),
      weight('last.bias', [channels * scale ** 2]),
    ],
    inputs: [{ name: 'picture', type, shape: [1, channels, edge, edge] }],
    outputs: [{ name: 'large', type, shape: [1, channels, edge * scale, edge * scale] }],
    metadata: {},
  });
}
