import { ONNX, OnnxMessage } from '../../src/graph/onnx/onnx-message';

/** What has to be known about a foreign ONNX model to run it and to count its work. */
export interface OnnxCost {
  input: string;
  output: string;
  /** Multiply-adds of all convolutions for one position of the input. */
  multiplyAddsPerPosition: number;
}

const {
  model: MODEL,
  graph: GRAPH,
  node: NODE,
  attribute: ATTRIBUTE,
  tensor: TENSOR,
  valueInfo: VALUE_INFO,
} = ONNX;

/** After one of these the picture may have another size, and a convolution another cost. */
const RESIZERS = new Set([
  'ConvTranspose',
  'DepthToSpace',
  'MaxPool',
  'Reshape',
  'Resize',
  'SpaceToDepth',
  'Upsample',
]);

/**
 * Counts a network whose convolutions all work at the input's size, as SPAN's do: nothing else is counted.
 * @throws Error for a network of another kind
 */
export function readOnnxCost(model: Uint8Array): OnnxCost {
  const graph = new OnnxMessage(new OnnxMessage(model).bytes(MODEL.graph)[0]!);
  const shapes = new Map<string, number[]>();
  for (const tensor of graph.messages(GRAPH.initializer))
    shapes.set(tensor.text(TENSOR.name), dimsOf(tensor));

  let multiplyAddsPerPosition = 0;
  let resized = false;
  for (const node of graph.messages(GRAPH.node)) {
    const type = node.text(NODE.opType);
    const [output = ''] = node.texts(NODE.output);
    if (type === 'Constant') {
      const [value] = node.messages(NODE.attribute).flatMap((a) => a.messages(ATTRIBUTE.tensor));
      if (value) shapes.set(output, dimsOf(value));
    } else if (RESIZERS.has(type)) resized = true;
    else if (type === 'Conv') {
      const weight = shapes.get(node.texts(NODE.input)[1] ?? '');
      if (!weight || resized || !hasUnitStride(node)) throw new Error(`The cost of ${output} is not known.`);
      // [out, in / group, kernel, kernel]: each position of each output channel takes the rest.
      multiplyAddsPerPosition += weight.reduce((product, size) => product * size, 1);
    }
  }
  const inputs = graph.messages(GRAPH.input).map((info) => info.text(VALUE_INFO.name));
  const input = inputs.find((name) => !shapes.has(name));
  const [output] = graph.messages(GRAPH.output).map((info) => info.text(VALUE_INFO.name));
  if (input === undefined || output === undefined) throw new Error('The model has no input or no output.');
  return { input, output, multiplyAddsPerPosition };
}

function dimsOf(tensor: OnnxMessage): number[] {
  return tensor.numbers(TENSOR.dims);
}

function hasUnitStride(node: OnnxMessage): boolean {
  const attributes = node.messages(NODE.attribute);
  const strides = attributes.find((attribute) => attribute.text(ATTRIBUTE.name) === 'strides');
  return !strides || strides.numbers(ATTRIBUTE.ints).every((stride) => stride === 1);
}
