import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import type { LoadedWeights } from '../../graph/onnx/pack-weights';
import type { BuiltGraph } from '../../graph/types';

/** Runs a graph on onnxruntime-node's CPU provider. */
export async function runOnNode(
  graph: BuiltGraph,
  input: Float32Array,
  weights: LoadedWeights[] = [],
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(graph.model, {
    executionProviders: ['cpu'],
    // Threads that spin while they wait make runs a hundred times slower on a busy machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    externalData: weights
      .filter(({ file }) => graph.weightPaths.includes(file.path))
      .map(({ file, bytes }) => ({ path: file.path, data: bytes })),
  });
  const tensor = new ort.Tensor('float32', input, graph.input.shape);
  const results = await session.run({ [graph.input.name]: tensor });
  const output = results[graph.output.name]!;
  await session.release();
  if (`${output.dims}` !== `${graph.output.shape}`)
    throw new Error(`The output has the shape [${output.dims}].`);
  return output.data as Float32Array;
}

/** Tensors of src/graph/__references__/<name>.safetensors (all float32), and its configuration. */
export function readReferences(name: string): { tensors: Map<string, Float32Array>; config: unknown } {
  const bytes = readFileSync(new URL(`../../graph/__references__/${name}.safetensors`, import.meta.url));
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerSize)) as Record<
    string,
    { data_offsets: [number, number]; config?: string }
  >;
  const tensors = new Map<string, Float32Array>();
  for (const [key, { data_offsets: offsets }] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const [begin, end] = offsets.map((offset) => 8 + headerSize + offset) as [number, number];
    tensors.set(key, new Float32Array(bytes.buffer.slice(bytes.byteOffset + begin, bytes.byteOffset + end)));
  }
  const config = header.__metadata__?.config;
  return { tensors, config: config === undefined ? undefined : JSON.parse(config) };
}

/** Largest difference, in units of the reference's largest magnitude. NaN anywhere gives NaN. */
export function relativeError(actual: Float32Array, reference: Float32Array): number {
  if (actual.length !== reference.length)
    throw new Error(`${actual.length} values, not ${reference.length}.`);
  let [error, top] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    const difference = Math.abs(actual[i]! - reference[i]!);
    if (!(difference <= error)) error = difference;
    top = Math.max(top, Math.abs(reference[i]!));
  }
  return error / top;
}
