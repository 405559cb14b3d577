import { elementCount, type GraphBuilder, type Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, gather, matMul, mul, relu, reshape, splitSizes } from '../onnx/ops';
import { enlargedLength } from '../resample';

/** Layers of the perceptron; between them there are ReLUs. */
const LAYERS = [2, 4, 6, 8];
/** Positions in a 3x3 neighbourhood. */
const TAPS = 9;
/** Keeps the areas from being zero. */
const AREA_EPSILON = 1e-9;
/** Closer to a centre than this is on it. */
const ON_CENTRE = 1e-6;
/** The rounding of a float32 coordinate just below 1, for a side of ten positions. One for all, so that tiles are exact. */
const ROUNDING = 10 * 2 ** -24;

/**
 * A LIIF head at a fixed scale: every output position asks a perceptron (`imnet.layers.N`) about each of the four
 * feature cells around it, given the cell's 3x3 neighbourhood, where the position lies in it, and how large an output
 * position is; the four answers are weighted by the areas of the opposite corners.
 *
 * The first layer is linear in the neighbourhood, so its part of it is one 3x3 convolution of the features, and only
 * the result is gathered. What depends on the position alone is a row and a column of constants.
 *
 * @param features [1, F, h, w]
 * @returns float32 [1, C, scale h, scale w]
 */
export function liifHead(b: GraphBuilder, features: Value, scale: number): Value {
  const [, channels = 0, height = 0, width = 0] = features.shape;
  const type = ElementType.float32;
  const first = b.weight('imnet.layers.0.weight', { type });
  const parts = splitSizes(b, first, 1, [TAPS * channels, 1, 1, 2]);
  const [around, byRow, byColumn, byCell] = parts as [Value, Value, Value, Value];
  const hidden = first.shape[0]!;
  const cell = matMul(b, byCell, b.floats([2 / scale, 2 / scale], [2, 1], type));
  const bias = add(b, b.weight('imnet.layers.0.bias', { shape: [hidden], type }), reshape(b, cell, [hidden]));
  const kernel = b.cast(reshape(b, around, [hidden, channels, 3, 3]), b.computeType);
  const seen = convolve(b, features, kernel, b.cast(bias, b.computeType));

  const rows = cornersOf(height, scale);
  const columns = cornersOf(width, scale);
  const corners = rows.flatMap((row, i) =>
    columns.map((column, j) => ({ row, column, opposite: { row: rows[1 - i]!, column: columns[1 - j]! } })),
  );
  const areas = corners.map(({ opposite }) => areaOf(b, opposite.row, opposite.column));
  const total = areas.reduce((sum, area) => add(b, sum, area));
  const answers = corners.map(({ row, column }, i) => {
    let x = gather(b, seen, b.integers(row.cells, [row.cells.length], 'int32'), 2);
    x = gather(b, x, b.integers(column.cells, [column.cells.length], 'int32'), 3);
    x = add(b, x, outer(b, byRow, row.relative, 'rows'));
    x = relu(b, add(b, x, outer(b, byColumn, column.relative, 'columns')));
    const answer = b.cast(perceptron(b, x), type);
    return mul(b, answer, b.op('Div', [areas[i]!, total], total.shape));
  });
  return answers.reduce((sum, answer) => add(b, sum, answer));
}

/** Along one axis, for each output position: a cell next to it, and twice how far it lies from the cell's centre. */
interface Corner {
  cells: number[];
  relative: number[];
  /** Sides of the areas: as far as the position lies from the centre. */
  sides: number[];
}

/**
 * The cell before, and the cell behind; at the border both are the last one.
 *
 * At odd scales a position lies on the centre of the last cell, which it has on both sides: all four areas would be zero
 * and all weights equal, whatever the other axis says. In the authors' code rounding leaves a small side there at four
 * sizes of five, the same on both sides, and so does this.
 */
function cornersOf(length: number, scale: number): [Corner, Corner] {
  const positions = Array.from({ length: enlargedLength(length, scale) }, (_, i) => (i + 0.5) / scale - 0.5);
  const towards = (cellOf: (position: number) => number): Omit<Corner, 'sides'> => {
    const cells = positions.map((position) => Math.min(Math.max(cellOf(position), 0), length - 1));
    return { cells, relative: positions.map((position, i) => 2 * (position - cells[i]!)) };
  };
  // A position at a centre has that cell before it: LIIF's own shift of 1e-6.
  const before = (position: number) => Math.floor(position + 1e-6);
  const corners = [towards(before), towards((position) => before(position) + 1)] as const;
  const isOnBoth = (i: number) => corners.every(({ relative }) => Math.abs(relative[i]!) < ON_CENTRE);
  return corners.map((corner) => ({
    ...corner,
    sides: corner.relative.map((relative, i) => (isOnBoth(i) ? ROUNDING : Math.abs(relative))),
  })) as [Corner, Corner];
}

/** [1, 1, H, W]. */
function areaOf(b: GraphBuilder, row: Corner, column: Corner): Value {
  const type = ElementType.float32;
  const area = mul(
    b,
    b.floats(row.sides, [1, 1, row.sides.length, 1], type),
    b.floats(column.sides, [1, 1, 1, column.sides.length], type),
  );
  return add(b, area, b.floats([AREA_EPSILON], [], type));
}

/** A column of weights [O, 1] times the values of an axis: a constant [1, O, H, 1] or [1, O, 1, W]. */
function outer(b: GraphBuilder, weights: Value, values: number[], axis: 'rows' | 'columns'): Value {
  const product = matMul(b, weights, b.floats(values, [1, values.length], ElementType.float32));
  const [outputs = 0, length = 0] = product.shape;
  const shape = axis === 'rows' ? [1, outputs, length, 1] : [1, outputs, 1, length];
  return b.cast(reshape(b, product, shape), b.computeType);
}

function perceptron(b: GraphBuilder, x: Value): Value {
  return LAYERS.reduce((inner, layer, i) => {
    const key = `imnet.layers.${layer}`;
    const [outputs = 0] = b.weightShape(`${key}.weight`);
    const inputs = inner.shape[1]!;
    const weight = b.weight(`${key}.weight`, { shape: [outputs, inputs] });
    const kernel = reshape(b, weight, [outputs, inputs, 1, 1]);
    const result = convolve(b, inner, kernel, b.weight(`${key}.bias`, { shape: [outputs] }));
    return i < LAYERS.length - 1 ? relu(b, result) : result;
  }, x);
}

/** A convolution that keeps the size, with constants at hand. */
function convolve(b: GraphBuilder, x: Value, kernel: Value, bias: Value): Value {
  const [outputs = 0, inputs = 0, k = 0] = kernel.shape;
  const [, , height = 0, width = 0] = x.shape;
  const shape = [1, outputs, height, width];
  return b.op('Conv', [x, kernel, bias], shape, {
    attributes: { kernel_shape: [k, k], pads: Array(4).fill((k - 1) / 2), strides: [1, 1] },
    multiplyAdds: elementCount(shape) * inputs * k * k,
  });
}
