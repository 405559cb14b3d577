import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Field numbers of onnx.proto3. */
export const ONNX = {
  model: { irVersion: 1, graph: 7 },
  graph: { node: 1, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, opType: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, integer: 3, text: 4, tensor: 5, ints: 8 },
  tensor: { dims: 1, floatData: 4, name: 8, rawData: 9, dataLocation: 14 },
  valueInfo: { name: 1, type: 2 },
  type: { tensor: 1 },
  tensorType: { elementType: 1, shape: 2 },
  shape: { dim: 1 },
  dimension: { value: 1 },
} as const;

/** A protobuf message whose fields are looked up by number. */
export class OnnxMessage {
  readonly #fields = new Map<number, (Uint8Array | number)[]>();

  /** @throws RangeError or Error for bytes that are not a message */
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

  messages(number: number): OnnxMessage[] {
    return this.bytes(number).map((bytes) => new OnnxMessage(bytes));
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
