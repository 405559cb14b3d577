import { defined } from '../../defined';
import { LeapError } from '../../errors';
import { ONNX, OnnxMessage } from '../onnx/onnx-message';
import { findFactor } from './find-factor';
import { readConstants } from './graph-constants';

/** What has to be known about a pixel upscaler that comes as an ONNX file. Plain data: it is kept with the file. */
export interface EnlargerFacts {
  input: string;
  output: string;
  /** Pixels along both sides of the only input that it takes; absent where it takes any. */
  edge?: number;
  /** How many times its output is larger, where its shapes or its nodes tell. */
  scale?: number;
  /** Channels of its widest features, and whether they are computed at the size of the output too. */
  width: number;
  lateWidth: number;
}

const FLOAT32 = 1;
const RGB = 3;
/** Above: it is not a network for pictures, or one that no browser runs. */
const MAX_WIDTH = 4096;
/** What makes pictures larger. */
const ENLARGING = new Set(['ConvTranspose', 'DepthToSpace', 'Resize', 'Upsample']);

/** Whether a file with these first bytes may be ONNX: its IR version comes first. A safetensors header begins with `{`. */
export function beginsAsOnnx(head: Uint8Array): boolean {
  const [field = 0, version = 0] = head;
  return field === 0x08 && version >= 3 && version < 64 && head[8] !== 0x7b;
}

/**
 * Reads what an upscaler of pictures must have: one float32 input [N, 3, H, W] and one output of three channels, its
 * weights in the file.
 *
 * @throws LeapError `damaged-file` for bytes that are not ONNX, `unsupported` for a network of another kind
 */
export function readOnnxEnlarger(bytes: Uint8Array): EnlargerFacts {
  try {
    const [graph] = new OnnxMessage(bytes).messages(ONNX.model.graph);
    if (graph) return readFacts(graph);
  } catch (thrown) {
    // Anything else was thrown by a message that does not end, or is none.
    if (thrown instanceof LeapError) throw thrown;
  }
  throw new LeapError('damaged-file', 'The file is not a whole ONNX model.');
}

function readFacts(graph: OnnxMessage): EnlargerFacts {
  const constants = readConstants(graph);
  if ([...constants.values()].some((tensor) => tensor.numbers(ONNX.tensor.dataLocation)[0] === 1)) {
    throw refuse('keeps its weights in another file; export it as one file');
  }
  const inputs = graph
    .messages(ONNX.graph.input)
    .map(readPort)
    .filter(({ name }) => !constants.has(name));
  const outputs = graph.messages(ONNX.graph.output).map(readPort);
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw refuse(
      `has ${inputs.length} inputs and ${outputs.length} outputs; an upscaler of pictures has one of each`,
    );
  }
  const [input, output] = [inputs[0]!, outputs[0]!];
  for (const port of [input, output]) {
    if (port.type !== FLOAT32) throw refuse(`takes or gives numbers that are not float32 (${port.name})`);
    if (port.dims.length !== 4 || ![RGB, undefined].includes(port.dims[1])) {
      throw refuse(`does not take and give pictures of three channels, [1, 3, H, W] (${port.name})`);
    }
  }
  return {
    input: input.name,
    output: output.name,
    ...defined({ scale: findFactor(graph, constants, input.name, output.name) }),
    ...sizesOf(input, output),
    ...widthsOf(graph, constants),
  };
}

interface Port {
  name: string;
  type: number;
  /** undefined where any size will do. */
  dims: (number | undefined)[];
}

function readPort(info: OnnxMessage): Port {
  const tensor = info.messages(ONNX.valueInfo.type)[0]?.messages(ONNX.type.tensor)[0];
  const dims = tensor?.messages(ONNX.tensorType.shape)[0]?.messages(ONNX.shape.dim) ?? [];
  return {
    name: info.text(ONNX.valueInfo.name),
    type: tensor?.numbers(ONNX.tensorType.elementType)[0] ?? 0,
    dims: dims.map((dim) => {
      const [value = 0] = dim.numbers(ONNX.dimension.value);
      return value > 0 ? value : undefined;
    }),
  };
}

function sizesOf({ dims }: Port, output: Port): Pick<EnlargerFacts, 'edge' | 'scale'> {
  const [, , height, width] = dims;
  if (height === undefined && width === undefined) return {};
  if (height !== width || height === undefined) {
    throw refuse(
      `takes pictures of ${width ?? 'any'} x ${height ?? 'any'} pixels only; export it for any size`,
    );
  }
  const scale = (output.dims[2] ?? 0) / height;
  return defined({ edge: height, scale: scale >= 1 ? scale : undefined });
}

function widthsOf(
  graph: OnnxMessage,
  constants: ReadonlyMap<string, OnnxMessage>,
): Pick<EnlargerFacts, 'width' | 'lateWidth'> {
  let [width, lateWidth, late] = [RGB, RGB, false];
  for (const node of graph.messages(ONNX.graph.node)) {
    const type = node.text(ONNX.node.opType);
    if (ENLARGING.has(type)) late = true;
    if (type !== 'Conv' && type !== 'MatMul' && type !== 'Gemm') continue;
    const weight = constants.get(node.texts(ONNX.node.input)[1] ?? '')?.numbers(ONNX.tensor.dims);
    const channels = (type === 'Conv' ? weight?.[0] : weight?.at(-1)) ?? 0;
    width = Math.max(width, channels);
    // A convolution to RGB behind a shuffle is not what takes the memory.
    if (late && type === 'Conv') lateWidth = Math.max(lateWidth, channels);
  }
  if (width > MAX_WIDTH) throw refuse(`has layers of ${width} channels`);
  return { width, lateWidth };
}

/** @param what goes on after 'This ONNX model' */
function refuse(what: string): LeapError {
  return new LeapError('unsupported', `This ONNX model ${what}.`);
}
