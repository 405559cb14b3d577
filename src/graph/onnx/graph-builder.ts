import { defined } from '../../defined';
import { LeapError } from '../../errors';
import type { Dtype } from '../../formats/types';
import type { BuiltGraph, Precision } from '../types';
import { type AttributeValue, ElementType, encodeModel, type OnnxNode, type OnnxTensor } from './onnx-proto';
import { peakBytes } from './peak-bytes';
import type { WeightsTable } from './weights-table';

/** A tensor in the graph. All shapes are known when the graph is built. */
export interface Value {
  name: string;
  type: ElementType;
  shape: number[];
  /** Depends on initialisers only: the runtime computes it once, when the session is made. */
  constant: boolean;
}

export interface OpOptions {
  attributes?: Record<string, AttributeValue>;
  /** Output type; the first input's by default. */
  type?: ElementType;
  /** Operator set; '' is ONNX's own. */
  domain?: string;
  /** Multiply-adds of the operation. */
  multiplyAdds?: number;
}

/** Stands for an optional input that is left out. */
export const ABSENT: Value = { name: '', type: ElementType.float32, shape: [0], constant: true };

const OPSET = 20;
const STORED_TYPES: Partial<Record<Dtype, ElementType>> = {
  F64: ElementType.float64,
  F32: ElementType.float32,
  F16: ElementType.float16,
  BF16: ElementType.bfloat16,
};
const BYTES: Record<ElementType, number> = { 1: 4, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2 };
/** Operations that only give a tensor another shape: the runtimes reuse the buffer. */
const FREE_OPS = new Set(['Reshape']);

/** Collects nodes and constants, with shapes and costs, and serialises them as one ONNX model. */
export class GraphBuilder {
  readonly precision: Precision;
  /** Element type of the network's inside. */
  readonly computeType: ElementType;
  readonly #weights: WeightsTable;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  /** Weights and constants already in the graph, by what they are. */
  readonly #known = new Map<string, Value>();
  readonly #cost = { multiplyAdds: 0, dispatches: 0, bytesMoved: 0, largestTensorBytes: 0 };
  /** Bytes of everything that is computed, by name. */
  readonly #sizes = new Map<string, number>();
  /** Constants that the runtime computes: the bytes of the weights that they are made of. */
  readonly #folded = new Map<string, number>();
  /** Those that are kept, because something that is not constant takes them, with the bytes beyond their weights. */
  readonly #keptConstants = new Map<string, number>();
  /** Names of the tensors of the weights files that are in the graph. */
  readonly #weightNames = new Set<string>();
  #input: Value | undefined;

  constructor(weights: WeightsTable, precision: Precision) {
    this.#weights = weights;
    this.precision = precision;
    this.computeType = precision === 'fp16' ? ElementType.float16 : ElementType.float32;
  }

  /** The graph's one input, float32 [1, C, H, W]. */
  input(shape: [number, number, number, number]): Value {
    for (const size of shape) {
      if (!Number.isInteger(size) || size < 1) {
        throw new LeapError('bad-option', `A graph cannot be built for the shape [${shape}].`, { shape });
      }
    }
    this.#input = { name: 'input', type: ElementType.float32, shape, constant: false };
    return this.#input;
  }

  /** Adds one operation with one output. */
  op(opType: string, inputs: Value[], shape: number[], options: OpOptions = {}): Value {
    return this.ops(opType, inputs, [shape], options)[0]!;
  }

  /** Adds one operation with an output per shape. */
  ops(opType: string, inputs: Value[], shapes: number[][], options: OpOptions = {}): Value[] {
    const index = this.#nodes.length;
    const constant = inputs.every((input) => input.constant);
    const outputs = shapes.map((shape, i) => ({
      name: `t${index}${shapes.length > 1 ? `_${i}` : ''}`,
      type: options.type ?? inputs[0]!.type,
      shape,
      constant,
    }));
    this.#nodes.push({
      name: `${opType}_${index}`,
      opType,
      ...defined({ domain: options.domain }),
      input: inputs.map((input) => input.name),
      output: outputs.map((output) => output.name),
      attributes: options.attributes ?? {},
    });
    if (constant) {
      this.#fold(inputs, outputs);
      return outputs;
    }
    for (const output of outputs) this.#sizes.set(output.name, byteSize(output));
    for (const input of inputs) this.#keep(input);
    this.#count(opType, inputs, outputs, options.multiplyAdds ?? 0);
    return outputs;
  }

  /**
   * A tensor of the weights files, in the compute type or in `type`.
   *
   * A stored type that differs goes through a Cast, which the runtime folds when the session is made; so one
   * fp16 file serves both precisions.
   */
  weight(name: string, options: { shape?: number[]; type?: ElementType } = {}): Value {
    const tensor = this.#weights.get(name, options.shape);
    this.#weightNames.add(tensor.name);
    const stored = STORED_TYPES[tensor.dtype];
    if (stored === undefined) {
      throw new LeapError(
        'bad-weights',
        `The tensor ${name} is stored as ${tensor.dtype}, which is not a float type.`,
        {
          tensor: name,
          dtype: tensor.dtype,
        },
      );
    }
    const value = this.#remember(`weight ${name}`, () => {
      const { path, begin, end, shape } = tensor;
      const data = { path, offset: begin, length: end - begin };
      this.#initializers.push({ name, type: stored, shape, data });
      return { name, type: stored, shape, constant: true };
    });
    const type = options.type ?? this.computeType;
    return this.#remember(`weight ${name} as ${type}`, () => this.cast(value, type));
  }

  hasWeight(name: string): boolean {
    return this.#weights.has(name);
  }

  /** Shape of a tensor of the weights files. @throws LeapError `bad-weights` when it is missing */
  weightShape(name: string): number[] {
    return this.#weights.get(name).shape;
  }

  /** Integers as a constant; int64 where the operator wants a shape, int32 for indices. */
  integers(values: number[], shape: number[] = [values.length], type: 'int32' | 'int64' = 'int64'): Value {
    const array = type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values);
    return this.#constant(ElementType[type], shape, new Uint8Array(array.buffer));
  }

  /** A float32 constant, cast to `type` (default: the compute type) when that differs. */
  floats(values: number[], shape: number[] = [], type: ElementType = this.computeType): Value {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return this.cast(this.#constant(ElementType.float32, shape, bytes), type);
  }

  /** The value in another element type; the value itself when it has that type. */
  cast(value: Value, type: ElementType): Value {
    if (value.type === type) return value;
    return this.op('Cast', [value], value.shape, { attributes: { to: type }, type });
  }

  /** The value as float32 `output`, and the model's bytes. */
  finish(result: Value, graphName: string): BuiltGraph {
    if (!this.#input) throw new LeapError('internal', 'The graph has no input.');
    const { name } = this.cast(result, ElementType.float32);
    const rename = (old: string): string => (old === name ? 'output' : old);
    const model = encodeModel({
      graphName,
      opsets: [{ domain: '', version: OPSET }],
      nodes: this.#nodes.map((node) => ({
        ...node,
        input: node.input.map(rename),
        output: node.output.map(rename),
      })),
      initializers: this.#initializers,
      inputs: [this.#input],
      outputs: [{ name: 'output', type: ElementType.float32, shape: result.shape }],
      metadata: {},
    });
    const paths = this.#initializers.flatMap(({ data }) => (data instanceof Uint8Array ? [] : [data.path]));
    return {
      model,
      input: { name: 'input', shape: this.#input.shape as BuiltGraph['input']['shape'] },
      output: { name: 'output', shape: result.shape as BuiltGraph['output']['shape'] },
      weightPaths: [...new Set(paths)],
      weightNames: [...this.#weightNames],
      precision: this.precision,
      peakBytes: peakBytes(this.#nodes, this.#sizes, FREE_OPS),
      constantBytes: [...this.#keptConstants.values()].reduce((sum, bytes) => sum + bytes, 0),
      ...this.#cost,
    };
  }

  #fold(inputs: readonly Value[], outputs: readonly Value[]): void {
    const madeOf = inputs.reduce((sum, input) => sum + this.#weightBytesOf(input), 0);
    for (const { name } of outputs) this.#folded.set(name, madeOf);
  }

  #keep(input: Value): void {
    if (!this.#folded.has(input.name)) return;
    this.#keptConstants.set(input.name, Math.max(0, byteSize(input) - this.#weightBytesOf(input)));
  }

  /** Those of the files are counted with the files. */
  #weightBytesOf(value: Value): number {
    return this.#folded.get(value.name) ?? (this.#weightNames.has(value.name) ? byteSize(value) : 0);
  }

  #constant(type: ElementType, shape: number[], bytes: Uint8Array): Value {
    return this.#remember(`constant ${type} [${shape}] ${bytes}`, () => {
      const name = `c${this.#initializers.length}`;
      this.#initializers.push({ name, type, shape, data: bytes });
      return { name, type, shape, constant: true };
    });
  }

  #remember(key: string, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known) return known;
    const value = make();
    this.#known.set(key, value);
    return value;
  }

  #count(opType: string, inputs: Value[], outputs: Value[], multiplyAdds: number): void {
    const sizes = outputs.map(byteSize);
    this.#cost.multiplyAdds += multiplyAdds;
    this.#cost.largestTensorBytes = Math.max(this.#cost.largestTensorBytes, ...sizes);
    if (FREE_OPS.has(opType)) return;
    this.#cost.dispatches += 1;
    for (const size of [...inputs.map(byteSize), ...sizes]) this.#cost.bytesMoved += size;
  }
}

/** Product of the sizes of a shape. */
export function elementCount(shape: number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function byteSize(value: Value): number {
  return elementCount(value.shape) * BYTES[value.type];
}
