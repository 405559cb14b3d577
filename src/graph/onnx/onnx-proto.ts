import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * The part of ONNX's schema that the graphs here need, and its serialisation.
 *
 * The wire format is the work of protobuf-es' `BinaryWriter` (2.7 kB gzipped); the messages are a table of
 * field numbers copied from onnx.proto3. Reflection over a full descriptor costs six times the bytes, and
 * protobufjs compiles its encoders with `new Function`, which a strict Content-Security-Policy forbids.
 */

/** Element types, by their ONNX numbers. */
export const ElementType = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

export type AttributeValue = number | number[] | string | { float: number };

export interface OnnxNode {
  name: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  /** Plain numbers are integers; floats are marked. */
  attributes: Record<string, AttributeValue>;
}

/** A constant: its bytes in the model, or a place in another file. */
export interface OnnxTensor {
  name: string;
  type: ElementType;
  shape: number[];
  data: Uint8Array | { path: string; offset: number; length: number };
}

/** In the shape of an input or output: any length will do. */
export const ANY_SIZE = 0;

export interface OnnxValueInfo {
  name: string;
  type: ElementType;
  shape: number[];
}

export interface OnnxModel {
  graphName: string;
  opsets: { domain: string; version: number }[];
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
  metadata: Record<string, string>;
}

type FieldKind = 'string' | 'bytes' | 'int64' | 'int32' | 'float';
type FieldValue = string | Uint8Array | number | Message | (string | number | Message)[];
interface Message {
  schema: Schema;
  fields: Record<string, FieldValue | undefined>;
}
/** Field name -> number and kind; `message` fields carry their own schema in the value. */
type Schema = Record<string, [number: number, kind: FieldKind | 'message' | 'packed-int64']>;

const STRING_PAIR: Schema = { key: [1, 'string'], value: [2, 'string'] };
const TENSOR: Schema = {
  dims: [1, 'packed-int64'],
  dataType: [2, 'int32'],
  name: [8, 'string'],
  rawData: [9, 'bytes'],
  externalData: [13, 'message'],
  dataLocation: [14, 'int32'],
};
const ATTRIBUTE: Schema = {
  name: [1, 'string'],
  f: [2, 'float'],
  i: [3, 'int64'],
  s: [4, 'bytes'],
  ints: [8, 'packed-int64'],
  type: [20, 'int32'],
};
const NODE: Schema = {
  input: [1, 'string'],
  output: [2, 'string'],
  name: [3, 'string'],
  opType: [4, 'string'],
  attribute: [5, 'message'],
  domain: [7, 'string'],
};
const DIMENSION: Schema = { dimValue: [1, 'int64'] };
const SHAPE: Schema = { dim: [1, 'message'] };
const TENSOR_TYPE: Schema = { elemType: [1, 'int32'], shape: [2, 'message'] };
const TYPE: Schema = { tensorType: [1, 'message'] };
const VALUE_INFO: Schema = { name: [1, 'string'], type: [2, 'message'] };
const GRAPH: Schema = {
  node: [1, 'message'],
  name: [2, 'string'],
  initializer: [5, 'message'],
  input: [11, 'message'],
  output: [12, 'message'],
};
const OPSET: Schema = { domain: [1, 'string'], version: [2, 'int64'] };
const MODEL: Schema = {
  irVersion: [1, 'int64'],
  producerName: [2, 'string'],
  graph: [7, 'message'],
  opsetImport: [8, 'message'],
  metadataProps: [14, 'message'],
};

/** IR version 9 goes with opset 20 (ONNX 1.15). */
const IR_VERSION = 9;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
const EXTERNAL = 1;

/** Serialises a model as an ONNX ModelProto. The same model always gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const graph: Message = {
    schema: GRAPH,
    fields: {
      node: model.nodes.map(nodeMessage),
      name: model.graphName,
      initializer: model.initializers.map(tensorMessage),
      input: model.inputs.map(valueInfoMessage),
      output: model.outputs.map(valueInfoMessage),
    },
  };
  const writer = new BinaryWriter();
  writeFields(writer, {
    schema: MODEL,
    fields: {
      irVersion: IR_VERSION,
      producerName: 'latent-leap',
      graph,
      opsetImport: model.opsets.map((opset) => ({ schema: OPSET, fields: { ...opset } })),
      metadataProps: stringPairs(model.metadata),
    },
  });
  return writer.finish();
}

function nodeMessage(node: OnnxNode): Message {
  return {
    schema: NODE,
    fields: {
      input: node.input,
      output: node.output,
      name: node.name,
      opType: node.opType,
      attribute: Object.entries(node.attributes).map(attributeMessage),
      domain: node.domain,
    },
  };
}

function attributeMessage([name, value]: [string, AttributeValue]): Message {
  const fields: Message['fields'] = { name };
  if (typeof value === 'number') Object.assign(fields, { i: value, type: ATTRIBUTE_TYPE.int });
  else if (typeof value === 'string') {
    Object.assign(fields, { s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPE.string });
  } else if (Array.isArray(value)) Object.assign(fields, { ints: value, type: ATTRIBUTE_TYPE.ints });
  else Object.assign(fields, { f: value.float, type: ATTRIBUTE_TYPE.float });
  return { schema: ATTRIBUTE, fields };
}

function tensorMessage(tensor: OnnxTensor): Message {
  const fields: Message['fields'] = { dims: tensor.shape, dataType: tensor.type, name: tensor.name };
  if (tensor.data instanceof Uint8Array) fields.rawData = tensor.data;
  else {
    const { path, offset, length } = tensor.data;
    fields.externalData = stringPairs({ location: path, offset: `${offset}`, length: `${length}` });
    fields.dataLocation = EXTERNAL;
  }
  return { schema: TENSOR, fields };
}

function valueInfoMessage(info: OnnxValueInfo): Message {
  const dim = info.shape.map((size) => ({
    schema: DIMENSION,
    fields: size === ANY_SIZE ? {} : { dimValue: size },
  }));
  const tensorType = {
    schema: TENSOR_TYPE,
    fields: { elemType: info.type, shape: { schema: SHAPE, fields: { dim } } },
  };
  return { schema: VALUE_INFO, fields: { name: info.name, type: { schema: TYPE, fields: { tensorType } } } };
}

function stringPairs(map: Record<string, string>): Message[] {
  return Object.entries(map).map(([key, value]) => ({ schema: STRING_PAIR, fields: { key, value } }));
}

function writeFields(writer: BinaryWriter, message: Message): void {
  for (const [name, value] of Object.entries(message.fields)) {
    if (value === undefined) continue;
    const [number, kind] = message.schema[name]!;
    if (kind === 'packed-int64') {
      // An empty list is left out: a scalar's `dims`.
      if ((value as number[]).length === 0) continue;
      writer.tag(number, WireType.LengthDelimited).fork();
      for (const item of value as number[]) writer.int64(item);
      writer.join();
    } else {
      for (const item of Array.isArray(value) ? value : [value]) writeField(writer, number, kind, item);
    }
  }
}

function writeField(
  writer: BinaryWriter,
  number: number,
  kind: FieldKind | 'message',
  value: Exclude<FieldValue, unknown[]>,
): void {
  switch (kind) {
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string(value as string);
      break;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value as Uint8Array);
      break;
    case 'float':
      writer.tag(number, WireType.Bit32).float(value as number);
      break;
    case 'message':
      writer.tag(number, WireType.LengthDelimited).fork();
      writeFields(writer, value as Message);
      writer.join();
      break;
    default:
      writer.tag(number, WireType.Varint)[kind](value as number);
  }
}
