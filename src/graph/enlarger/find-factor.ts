import { ONNX, type OnnxMessage } from '../onnx/onnx-message';

/** Their output has the size of their inputs, but for those that are constants or one number for the whole picture. */
const SAME = new Set(
  `Abs Add BatchNormalization Cast Clip Concat Div Dropout Elu Exp Gelu HardSigmoid HardSwish Identity
  InstanceNormalization LeakyRelu Log Max Min Mish Mul Neg PRelu Pow Relu Selu Sigmoid Softplus Split Sqrt Sub Tanh`.split(
    /\s+/,
  ),
);
/** One number for the whole picture. */
const POOLING = new Set(['GlobalAveragePool', 'GlobalMaxPool']);

/** Of a tensor: how many times larger than the input it is. A constant has no size; of others it is not known. */
type Size = number | 'constant' | 'unknown';

/**
 * How many times larger than its input the output of a network for any size is, where that follows from its nodes alone:
 * convolutions, pixel-shuffles, enlargements by constants, and what keeps the size. Windows of attention and other
 * reshaping do not tell.
 *
 * @param constants the given tensors of the graph, by name
 */
export function findFactor(
  graph: OnnxMessage,
  constants: ReadonlyMap<string, OnnxMessage>,
  input: string,
  output: string,
): number | undefined {
  const sizes = new Map<string, Size>([[input, 1]]);
  const sizeOf = (name: string): Size =>
    name === '' || constants.has(name) ? 'constant' : (sizes.get(name) ?? 'unknown');
  for (const node of graph.messages(ONNX.graph.node)) {
    const type = node.text(ONNX.node.opType);
    const inputs = node.texts(ONNX.node.input);
    const by = change(
      node,
      type,
      inputs.map((name) => constants.get(name)),
    );
    // The first input of what changes the size is the picture; the others are weights and the like.
    const size = by === 1 ? join(inputs.map(sizeOf)) : times(sizeOf(inputs[0] ?? ''), by);
    for (const name of node.texts(ONNX.node.output)) sizes.set(name, size);
  }
  const factor = sizeOf(output);
  return typeof factor === 'number' && Number.isInteger(factor) ? factor : undefined;
}

/** By how much the node makes its first input larger. */
function change(node: OnnxMessage, type: string, inputs: (OnnxMessage | undefined)[]): Size {
  if (SAME.has(type)) return 1;
  if (POOLING.has(type) || type === 'Constant') return 'constant';
  const numbers = (name: string, field: number) =>
    node
      .messages(ONNX.node.attribute)
      .find((attribute) => attribute.text(ONNX.attribute.name) === name)
      ?.numbers(field);
  const stride = even(numbers('strides', ONNX.attribute.ints) ?? [1, 1]);
  const [block = 0] = numbers('blocksize', ONNX.attribute.integer) ?? [];
  if (type === 'Conv') return over(1, stride);
  if (type === 'ConvTranspose') return stride;
  if (type === 'DepthToSpace') return block;
  if (type === 'SpaceToDepth') return over(1, block);
  // Factors are the third input since version 11, and the second before. Sizes as constants are for one picture only.
  if (type === 'Resize' || type === 'Upsample') return scalesOf(inputs[2] ?? inputs[1]);
  return 'unknown';
}

function scalesOf(tensor: OnnxMessage | undefined): Size {
  const bytes = tensor?.bytes(ONNX.tensor.rawData)[0] ?? tensor?.bytes(ONNX.tensor.floatData)[0];
  if (bytes?.length !== 16) return 'unknown';
  const floats = new Float32Array(bytes.slice().buffer);
  return floats[0] === 1 && floats[1] === 1 ? even([...floats.subarray(2)]) : 'unknown';
}

/** What holds for both directions. */
function even([height, width]: number[]): Size {
  return height !== undefined && height === width ? height : 'unknown';
}

function over(size: number, by: Size): Size {
  return typeof by === 'number' && by > 0 ? size / by : 'unknown';
}

function times(size: Size, by: Size): Size {
  if (size === 'constant' || by === 'constant') return 'constant';
  return size === 'unknown' || by === 'unknown' ? 'unknown' : size * by;
}

/** The size that all inputs have, apart from constants. */
function join(sizes: Size[]): Size {
  const [first = 'constant', ...rest] = new Set(sizes.filter((size) => size !== 'constant'));
  return rest.length ? 'unknown' : first;
}
