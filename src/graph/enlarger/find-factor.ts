import { ONNX, type OnnxMessage } from '../onnx/onnx-message';

/** Their output has the size of their inputs, but for those that are constants or one number for the whole picture. */
const SAME = new Set(
  `Abs Add BatchNormalization Cast Clip Div Dropout Elu Exp Gelu HardSigmoid HardSwish Identity InstanceNormalization
  LeakyRelu Log Max Min Mish Mul Neg PRelu Pow Relu Selu Sigmoid Softplus Sqrt Sub Tanh`.split(/\s+/),
);
/** One number for the whole picture. */
const POOLING = new Set(['GlobalAveragePool', 'GlobalMaxPool']);
/** The same along an axis; the size stays where that is the channels'. */
const ALONG_AXIS = new Set(['Concat', 'Split']);
const CHANNELS = [1, -3];
const AXES = [0, 1];

/** Of a tensor: how many times larger than the input it is. A constant has no size; of others it is not known. */
type Size = number | 'constant' | 'unknown';
type Constants = ReadonlyMap<string, OnnxMessage>;

/**
 * How many times larger than its input the output of a network for any size is, where that follows from its nodes alone:
 * convolutions that fill up what they take away at the borders, pixel-shuffles, enlargements by constants, and what keeps
 * the size. Windows of attention and other reshaping do not tell.
 *
 * @param constants the given tensors of the graph, by name
 */
export function findFactor(
  graph: OnnxMessage,
  constants: Constants,
  input: string,
  output: string,
): number | undefined {
  const sizes = new Map<string, Size>([[input, 1]]);
  const sizeOf = (name: string): Size =>
    name === '' || constants.has(name) ? 'constant' : (sizes.get(name) ?? 'unknown');
  for (const node of graph.messages(ONNX.graph.node)) {
    const inputs = node.texts(ONNX.node.input);
    const by = change(
      node,
      inputs.map((name) => constants.get(name)),
    );
    // The first input of what changes the size is the picture; the others are weights and the like.
    const size = by === 1 ? join(inputs.map(sizeOf)) : times(sizeOf(inputs[0] ?? ''), by);
    for (const name of node.texts(ONNX.node.output)) sizes.set(name, size);
  }
  const factor = sizeOf(output);
  return typeof factor === 'number' && Number.isInteger(factor) && factor >= 1 ? factor : undefined;
}

/** By how much the node makes its first input larger. */
function change(node: OnnxMessage, inputs: (OnnxMessage | undefined)[]): Size {
  // Operators of somebody's own may have the names of ONNX's.
  if (node.text(ONNX.node.domain) !== '') return 'unknown';
  const type = node.text(ONNX.node.opType);
  const attribute = new Attributes(node);
  if (SAME.has(type)) return 1;
  if (ALONG_AXIS.has(type)) return CHANNELS.includes(attribute.integer('axis') ?? 0) ? 1 : 'unknown';
  if (POOLING.has(type) || type === 'Constant') return 'constant';
  if (type === 'Conv') return convolved(attribute, inputs[1]);
  if (type === 'ConvTranspose') return convolvedBack(attribute, inputs[1]);
  const block = attribute.integer('blocksize') ?? 0;
  if (type === 'DepthToSpace') return block > 0 ? block : 'unknown';
  if (type === 'SpaceToDepth') return block > 0 ? 1 / block : 'unknown';
  // Factors are the third input since version 11, and the second before. Sizes as constants are for one picture only.
  if (type === 'Resize' || type === 'Upsample') return scalesOf(inputs[2] ?? inputs[1]);
  return 'unknown';
}

/** A convolution of a multiple of its stride: a whole part of the size, if it takes nothing away at the borders. */
function convolved(attribute: Attributes, weight: OnnxMessage | undefined): Size {
  const strides = attribute.perAxis('strides', weight);
  const reach = reachOf(attribute, weight);
  const fills = AXES.every((axis) => {
    const lack = (reach[axis] ?? Number.NaN) - attribute.padding(axis);
    return attribute.fillsUp || (lack >= 0 && lack < (strides[axis] ?? 0));
  });
  const stride = even(strides);
  return fills && typeof stride === 'number' && stride > 0 ? 1 / stride : 'unknown';
}

function convolvedBack(attribute: Attributes, weight: OnnxMessage | undefined): Size {
  const strides = attribute.perAxis('strides', weight);
  const reach = reachOf(attribute, weight);
  const added = attribute.integers('output_padding') ?? [0, 0];
  const fills = AXES.every((axis) => {
    const end = (reach[axis] ?? Number.NaN) + 1 - attribute.padding(axis) + (added[axis] ?? 0);
    return attribute.fillsUp || end === strides[axis];
  });
  return fills && !attribute.integers('output_shape')?.length ? even(strides) : 'unknown';
}

/** Pixels that a convolution sees besides its own, along both axes; nothing where its kernel is not known. */
function reachOf(attribute: Attributes, weight: OnnxMessage | undefined): number[] {
  const kernel = attribute.integers('kernel_shape') ?? weight?.numbers(ONNX.tensor.dims).slice(2) ?? [];
  const dilations = attribute.perAxis('dilations', weight);
  return kernel.map((side, axis) => (side - 1) * (dilations[axis] ?? 1));
}

/** The attributes of a node. */
class Attributes {
  readonly #byName: Map<string, OnnxMessage>;

  constructor(node: OnnxMessage) {
    this.#byName = new Map(
      node.messages(ONNX.node.attribute).map((found) => [found.text(ONNX.attribute.name), found]),
    );
  }

  integer(name: string): number | undefined {
    return this.#byName.get(name)?.numbers(ONNX.attribute.integer)[0];
  }

  integers(name: string): number[] | undefined {
    return this.#byName.get(name)?.numbers(ONNX.attribute.ints);
  }

  /** One where the node does not say it. A convolution along other than two axes has none. */
  perAxis(name: string, weight: OnnxMessage | undefined): number[] {
    const axes = weight ? weight.numbers(ONNX.tensor.dims).length - 2 : 2;
    return axes === 2 ? (this.integers(name) ?? [1, 1]) : [];
  }

  /** Pixels at both ends of an axis. */
  padding(axis: number): number {
    const pads = this.integers('pads') ?? [0, 0, 0, 0];
    return (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
  }

  /** The runtime pads as much as keeps the size. */
  get fillsUp(): boolean {
    return this.#byName.get('auto_pad')?.text(ONNX.attribute.text).startsWith('SAME_') ?? false;
  }
}

function scalesOf(tensor: OnnxMessage | undefined): Size {
  const bytes = tensor?.bytes(ONNX.tensor.rawData)[0] ?? tensor?.bytes(ONNX.tensor.floatData)[0];
  if (bytes?.length !== 16) return 'unknown';
  const floats = new Float32Array(new Uint8Array(bytes).buffer);
  return floats[0] === 1 && floats[1] === 1 ? even([...floats.subarray(2)]) : 'unknown';
}

/** What holds for both directions. */
function even([height, width]: number[]): Size {
  return height !== undefined && height === width ? height : 'unknown';
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
