import { ElementType, encodeModel, type OnnxNode, type OnnxValueInfo } from '../../src/graph/onnx/onnx-proto';

/**
 * Tiny models with the inputs and outputs of a generator's real ones, whose weights are gigabytes. What they compute
 * means nothing; names, types and shapes are those of sd-turbo as web-txt2img 0.3.1 loads it.
 */

const { float32, int32, int64 } = ElementType;

function node(
  opType: string,
  input: string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode {
  return { name: output, opType, input, output: [output], attributes };
}

function makeModel(
  inputs: OnnxValueInfo[],
  output: OnnxValueInfo,
  nodes: OnnxNode[],
  constants: Constants = {},
) {
  return encodeModel({
    graphName: 'stand-in',
    opsets: [{ domain: '', version: 20 }],
    nodes,
    initializers: Object.entries(constants).map(([name, values]) => ({
      name,
      type: values instanceof Float32Array ? float32 : int64,
      shape: [values.length],
      data: new Uint8Array(values.buffer),
    })),
    inputs,
    outputs: [output],
    metadata: {},
  });
}

type Constants = Record<string, Float32Array | BigInt64Array>;

/** [1, 77] -> [1, 77, 1]. */
function makeTextEncoder(): Uint8Array {
  const input = { name: 'input_ids', type: int32, shape: [1, 77] };
  const output = { name: 'last_hidden_state', type: float32, shape: [1, 77, 1] };
  const cast = node('Cast', ['input_ids'], 'floats', { to: float32 });
  const reshape = node('Reshape', ['floats', 'shape'], 'last_hidden_state');
  return makeModel([input], output, [cast, reshape], { shape: BigInt64Array.of(1n, 77n, 1n) });
}

/** [1, 4, h, w] -> the same, less a little. @param output its name */
export function makeDenoiser(side: number, output = 'out_sample'): Uint8Array {
  const sample = { name: 'sample', type: float32, shape: [1, 4, side, side] };
  const inputs = [
    sample,
    { name: 'timestep', type: int64, shape: [1] },
    { name: 'encoder_hidden_states', type: float32, shape: [1, 77, 1] },
  ];
  const mul = node('Mul', ['sample', 'factor'], output);
  return makeModel(inputs, { ...sample, name: output }, [mul], { factor: Float32Array.of(0.93) });
}

/** [1, 4, 64, 64] -> [1, 3, 512, 512]: every eighth position, as it is. */
function makeDecoder(): Uint8Array {
  const input = { name: 'latent_sample', type: float32, shape: [1, 4, 64, 64] };
  const output = { name: 'sample', type: float32, shape: [1, 3, 512, 512] };
  const slice = node('Slice', ['latent_sample', 'from', 'to', 'axis'], 'rgb');
  const resize = node('Resize', ['rgb', '', 'scales'], 'sample', { mode: 'nearest' });
  return makeModel([input], output, [slice, resize], {
    from: BigInt64Array.of(0n),
    to: BigInt64Array.of(3n),
    axis: BigInt64Array.of(1n),
    scales: Float32Array.of(1, 1, 8, 8),
  });
}

/** The files of a generator, by their paths on a site; `folder` is what the generator is told as its base address. */
export function makeGenerator(folder = '/generator'): Map<string, Uint8Array> {
  return new Map([
    [`${folder}/unet/model.onnx`, makeDenoiser(64)],
    [`${folder}/text_encoder/model.onnx`, makeTextEncoder()],
    [`${folder}/vae_decoder/model.onnx`, makeDecoder()],
  ]);
}
