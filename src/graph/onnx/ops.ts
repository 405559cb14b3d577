import { LeapError } from '../../errors';
import { ABSENT, elementCount, type GraphBuilder, type Value } from './graph-builder';
import { ElementType } from './onnx-proto';

/** The operations that the networks share. Pictures are [1, C, H, W], tokens [T, C]. */

export function add(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op('Add', [x, y], broadcast(x.shape, y.shape));
}

/** The sum of two branches, which have the same shape. @throws LeapError `bad-weights` when they do not */
export function addBranches(b: GraphBuilder, x: Value, y: Value): Value {
  if (`${x.shape}` !== `${y.shape}`) throw otherShape(`A branch gives [${y.shape}]`, x.shape);
  return add(b, x, y);
}

export function mul(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op('Mul', [x, y], broadcast(x.shape, y.shape));
}

export function sub(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op('Sub', [x, y], broadcast(x.shape, y.shape));
}

/** x * sigmoid(x). */
export function silu(b: GraphBuilder, x: Value): Value {
  return mul(b, x, b.op('Sigmoid', [x], x.shape));
}

export function relu(b: GraphBuilder, x: Value): Value {
  return b.op('Relu', [x], x.shape);
}

export function leakyRelu(b: GraphBuilder, x: Value, slope: number): Value {
  return b.op('LeakyRelu', [x], x.shape, { attributes: { alpha: { float: slope } } });
}

/** A soft limit: bound * tanh(x / bound). */
export function softClamp(b: GraphBuilder, x: Value, bound: number): Value {
  const scaled = mul(b, x, b.floats([1 / bound], [], x.type));
  return mul(b, b.op('Tanh', [scaled], x.shape), b.floats([bound], [], x.type));
}

export function reshape(b: GraphBuilder, x: Value, shape: number[]): Value {
  if (elementCount(x.shape) !== elementCount(shape)) throw otherShape(`A layer gives [${x.shape}]`, shape);
  return b.op('Reshape', [x, b.integers(shape)], shape);
}

export function transpose(b: GraphBuilder, x: Value, perm: number[]): Value {
  return b.op(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    { attributes: { perm } },
  );
}

export interface ConvOptions {
  stride?: number;
  /** Zeros above, left, below, right; (k - 1) / 2 each by default, which keeps the size at stride 1. */
  pads?: [number, number, number, number];
  /** Factors multiplied into the constants. */
  weightScale?: number;
  biasScale?: number;
  bias?: BiasRule;
}

/** `optional`: layers that some networks of the architecture have without a bias. */
export type BiasRule = 'required' | 'optional' | 'none';

/**
 * Convolution with the tensors `${key}.weight` [O, I, k, k] and `${key}.bias` [O].
 * @throws LeapError `bad-weights` when one is missing or misshapen
 */
export function conv(b: GraphBuilder, x: Value, key: string, options: ConvOptions = {}): Value {
  const [outputs = 0, , k = 0] = b.weightShape(`${key}.weight`);
  const [, inputs = 0, height = 0, width = 0] = x.shape;
  const { stride = 1, pads = Array(4).fill((k - 1) / 2), weightScale = 1, biasScale = 1, bias } = options;
  const constants = [scaledWeight(b, `${key}.weight`, [outputs, inputs, k, k], [weightScale], x.type)];
  if (hasBias(b, key, bias)) {
    constants.push(scaledWeight(b, `${key}.bias`, [outputs], [biasScale], x.type));
  }
  const size = (length: number, padding: number): number => Math.floor((length + padding - k) / stride) + 1;
  const shape = [1, outputs, size(height, pads[0] + pads[2]), size(width, pads[1] + pads[3])];
  return b.op('Conv', [x, ...constants], shape, {
    attributes: { kernel_shape: [k, k], pads, strides: [stride, stride] },
    multiplyAdds: elementCount(shape) * inputs * k * k,
  });
}

/**
 * A weight times one factor, or a factor for each output.
 *
 * Multiplied in fp32: the runtime has no fp16 multiplication to fold constants with.
 */
function scaledWeight(
  b: GraphBuilder,
  name: string,
  shape: number[],
  factors: number[],
  type: ElementType,
): Value {
  if (factors.every((factor) => factor === 1)) return b.weight(name, { shape, type });
  const wide = b.weight(name, { shape, type: ElementType.float32 });
  const factorShape = shape.map((_, axis) => (axis === 0 ? factors.length : 1));
  return b.cast(mul(b, wide, b.floats(factors, factorShape, ElementType.float32)), type);
}

/**
 * Linear layer on tokens [T, I] with `${key}.weight` [O, I], or [O, I, 1, 1] of a convolution, and `${key}.bias` [O].
 *
 * @param scale one factor, or one for each output, multiplied into the constants
 * @throws LeapError `bad-weights` when a tensor is missing or misshapen
 */
export function linear(b: GraphBuilder, x: Value, key: string, scale = [1], bias?: BiasRule): Value {
  const [tokens = 0, inputs = 0] = x.shape;
  const [outputs = 0, , ...kernel] = b.weightShape(`${key}.weight`);
  const shape = kernel.length > 0 ? [outputs, inputs, 1, 1] : [outputs, inputs];
  const weight = scaledWeight(b, `${key}.weight`, shape, scale, x.type);
  const constants = [kernel.length > 0 ? reshape(b, weight, [outputs, inputs]) : weight];
  if (hasBias(b, key, bias)) constants.push(scaledWeight(b, `${key}.bias`, [outputs], scale, x.type));
  return b.op('Gemm', [x, ...constants], [tokens, outputs], {
    attributes: { transB: 1 },
    multiplyAdds: tokens * inputs * outputs,
  });
}

/** The slices of an axis, each with that axis kept at length 1. */
export function split(b: GraphBuilder, x: Value, axis: number): Value[] {
  const count = x.shape[axis]!;
  const shape = x.shape.with(axis, 1);
  return b.ops('Split', [x], Array(count).fill(shape), { attributes: { axis, num_outputs: count } });
}

/** Consecutive slices of an axis, of these lengths. */
export function splitSizes(b: GraphBuilder, x: Value, axis: number, sizes: number[]): Value[] {
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (x.shape[axis] !== length) throw otherShape(`A layer gives [${x.shape}]`, x.shape.with(axis, length));
  if (sizes.length === 1) return [x];
  const shapes = sizes.map((size) => x.shape.with(axis, size));
  return b.ops('Split', [x, b.integers(sizes)], shapes, { attributes: { axis } });
}

export function concat(b: GraphBuilder, parts: Value[], axis: number): Value {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return b.op('Concat', parts, first!.shape.with(axis, length), { attributes: { axis } });
}

/** Batched product of [..., n, k] and [..., k, m]; the batch axes broadcast. */
export function matMul(b: GraphBuilder, x: Value, y: Value): Value {
  const batch = broadcast(x.shape.slice(0, -2), y.shape.slice(0, -2));
  const shape = [...batch, x.shape.at(-2)!, y.shape.at(-1)!];
  return b.op('MatMul', [x, y], shape, { multiplyAdds: elementCount(shape) * x.shape.at(-1)! });
}

/** Layer normalisation over the last axis; the runtimes keep its statistics in fp32 (stash_type 1). */
export function layerNorm(b: GraphBuilder, x: Value, key: string): Value {
  const shape = [x.shape.at(-1)!];
  const inputs = [x, b.weight(`${key}.weight`, { shape }), b.weight(`${key}.bias`, { shape })];
  return b.op('LayerNormalization', inputs, x.shape, {
    attributes: { axis: -1, epsilon: { float: 1e-5 }, stash_type: 1 },
  });
}

/** Softmax over the last axis, in fp32 whatever the precision: WebGPU would sum fp16 in fp16. */
export function softmax(b: GraphBuilder, x: Value): Value {
  const wide = b.cast(x, ElementType.float32);
  return b.cast(b.op('Softmax', [wide], x.shape, { attributes: { axis: -1 } }), x.type);
}

/** The exact GELU, x * (1 + erf(x / sqrt(2))) / 2. */
export function gelu(b: GraphBuilder, x: Value): Value {
  return b.op('Gelu', [x], x.shape, { attributes: { approximate: 'none' } });
}

/** PyTorch's PixelShuffle: [1, C r^2, H, W] -> [1, C, rH, rW], channel c r^2 + i r + j to pixel (i, j). */
export function pixelShuffle(b: GraphBuilder, x: Value, r: number): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  if (channels % (r * r) !== 0)
    throw otherShape(`A layer gives ${channels} channels`, [`a multiple of ${r * r}`]);
  return b.op('DepthToSpace', [x], [1, channels / (r * r), r * height, r * width], {
    attributes: { blocksize: r, mode: 'CRD' },
  });
}

/** Repeats every pixel `factor` times along both axes. */
export function nearestUp(b: GraphBuilder, x: Value, factor: number): Value {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const scales = b.floats([1, 1, factor, factor], [4], ElementType.float32);
  return b.op('Resize', [x, ABSENT, scales], [1, channels, factor * height, factor * width], {
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  });
}

/**
 * Group normalisation with statistics over the whole picture, in fp32; the result has the type of `x`.
 *
 * Written as an instance normalisation of the groups and an affine step: WebGPU takes ONNX's own
 * GroupNormalization apart with nodes on the CPU.
 *
 * @param magnify what `x` has to be multiplied by to be what the epsilon is meant for
 */
export function groupNorm(
  b: GraphBuilder,
  x: Value,
  key: string,
  options: { groups: number; epsilon: number; magnify?: number },
): Value {
  const { groups, epsilon, magnify = 1 } = options;
  const type = ElementType.float32;
  const channels = x.shape[1]!;
  const wide = b.cast(x, type);
  const meant = magnify === 1 ? wide : mul(b, wide, b.floats([magnify], [], type));
  const grouped = reshape(b, meant, [1, groups, elementCount(x.shape) / groups]);
  const [one, zero] = [1, 0].map((value) => b.floats(Array(groups).fill(value), [groups], type)) as [
    Value,
    Value,
  ];
  const normal = b.op('InstanceNormalization', [grouped, one, zero], grouped.shape, {
    attributes: { epsilon: { float: epsilon } },
  });
  const perChannel = (name: string): Value =>
    reshape(b, b.weight(`${key}.${name}`, { shape: [channels], type: x.type }), [1, channels, 1, 1]);
  const narrow = reshape(b, b.cast(normal, x.type), x.shape);
  return add(b, mul(b, narrow, perChannel('weight')), perChannel('bias'));
}

/** Rows `indices` of the axis; the indices are an int32 constant [n]. */
export function gather(b: GraphBuilder, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return b.op('Gather', [x, indices], shape, { attributes: { axis } });
}

/** The first `count` channels of a picture. */
export function firstChannels(b: GraphBuilder, x: Value, count: number): Value {
  const bounds = [[0], [count], [1]].map((values) => b.integers(values));
  return b.op('Slice', [x, ...bounds], x.shape.with(1, count));
}

/** The top left [height, width] of a picture. */
export function crop(b: GraphBuilder, x: Value, height: number, width: number): Value {
  if (x.shape[2] === height && x.shape[3] === width) return x;
  const bounds = [
    [0, 0],
    [height, width],
    [2, 3],
  ].map((values) => b.integers(values));
  return b.op('Slice', [x, ...bounds], [1, x.shape[1]!, height, width]);
}

/** A required bias that is missing is found when it is asked for. */
function hasBias(b: GraphBuilder, key: string, rule: BiasRule = 'required'): boolean {
  return rule === 'required' || (rule === 'optional' && b.hasWeight(`${key}.bias`));
}

/** The shapes in a graph follow from those of the weights. */
function otherShape(what: string, expected: readonly (number | string)[]): LeapError {
  return new LeapError('bad-weights', `The weights do not fit together. ${what}, expected [${expected}].`, {
    expected: [...expected],
  });
}

/** NumPy's broadcasting of two shapes of any rank. @throws LeapError `bad-weights` when they do not fit */
function broadcast(x: number[], y: number[]): number[] {
  const rank = Math.max(x.length, y.length);
  return Array.from({ length: rank }, (_, i) => {
    const a = x[x.length - rank + i] ?? 1;
    const c = y[y.length - rank + i] ?? 1;
    if (a !== c && a !== 1 && c !== 1) throw otherShape(`A layer gives [${y}]`, x);
    return a === 1 ? c : a;
  });
}
