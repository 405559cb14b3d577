import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** What has to be known about a foreign ONNX model to run it and to count its work. */
export interface OnnxCost {
  input: string;
  output: string;
  /** Multiply-adds of all convolutions for one position of the input. */
  multiplyAddsPerPosition: number;
}

/** Field numbers of onnx.proto3. */
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, tensor: 5, ints: 8 };
const TENSOR = { dims: 1, name: 8 };
const VALUE_INFO = { name: 1 };

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
  const graph = new Message(new Message(model).bytes(MODEL.graph)[0]!);
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

function dimsOf(tensor: Message): number[] {
  return tensor.numbers(TENSOR.dims);
}

function hasUnitStride(node: Message): boolean {
  const attributes = node.messages(NODE.attribute);
  const strides = attributes.find((attribute) => attribute.text(ATTRIBUTE.name) === 'strides');
  return !strides || strides.numbers(ATTRIBUTE.ints).every((stride) => stride === 1);
}

/** A protobuf message whose fields are looked up by number. */
class Message {
  readonly #fields = new Map<number, (Uint8Array | number)[]>();

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      let value: Uint8Array | number | undefined;
      if (type === WireType.LengthDelimited) value = reader.bytes();
      else if (type === WireType.Varint) value = Number(reader.int64());
      else reader.skip(type);
      if (value === undefined) continue;
      const values = this.#fields.get(number);
      if (values) values.push(value);
      else this.#fields.set(number, [value]);
    }
  }

  bytes(number: number): Uint8Array[] {
    return (this.#fields.get(number) ?? []).filter((value) => typeof value !== 'number');
  }

  messages(number: number): Message[] {
    return this.bytes(number).map((bytes) => new Message(bytes));
  }

  texts(number: number): string[] {
    return this.bytes(number).map((bytes) => new TextDecoder().decode(bytes));
  }

  text(number: number): string {
    return this.texts(number)[0] ?? '';
  }

  /** Repeated integers, packed or one by one. */
  numbers(number: number): number[] {
    return (this.#fields.get(number) ?? []).flatMap((value) =>
      typeof value === 'number' ? [value] : unpack(value),
    );
  }
}

function unpack(bytes: Uint8Array): number[] {
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(Number(reader.int64()));
  return values;
}
