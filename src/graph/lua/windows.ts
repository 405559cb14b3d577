import type { GraphBuilder, Value } from '../onnx/graph-builder';
import { ElementType } from '../onnx/onnx-proto';
import { add, gather, reshape } from '../onnx/ops';
import { reflect } from '../reflect';

/**
 * The places of tokens in windows, as constants.
 *
 * Tokens are kept as a list [T, C] in the order of some window grid, so that a roll, the leaving of one grid and
 * the entering of the next are one row gather. Every such index is a sum of a term of the row and a term of the
 * column, so the model carries H + W integers and the runtime folds the T of them.
 */
export interface WindowGrid {
  /** Picture size, multiples of `window`. */
  height: number;
  width: number;
  window: number;
}

/** An order of the tokens: row by row, or window by window of the grid moved by `shift`. */
export type TokenOrder = 'raster' | { shift: number };

/** Attention between tokens that the roll brought together from opposite edges. */
const MASKED = -100;

/** Rearranges tokens [T, C] from one order to another; the same order is free. */
export function reorder(
  b: GraphBuilder,
  tokens: Value,
  grid: WindowGrid,
  from: TokenOrder,
  to: TokenOrder,
): Value {
  if (sameOrder(from, to)) return tokens;
  const { window } = grid;
  const [rows, columns] = [grid.height / window, grid.width / window];
  const source = (length: number, stride: { window: number; inner: number }) => {
    const positions = Array.from({ length }, (_, i) => (to === 'raster' ? i : (i + to.shift) % length));
    return positions.map((position) => {
      if (from === 'raster') return position * stride.inner;
      const rolled = (position - from.shift + length) % length;
      return Math.floor(rolled / window) * stride.window + (rolled % window) * stride.inner;
    });
  };
  const byRow =
    from === 'raster' ? { window: 0, inner: grid.width } : { window: columns * window ** 2, inner: window };
  const byColumn = { window: window ** 2, inner: 1 };
  const [rowShape, columnShape] =
    to === 'raster'
      ? [
          [grid.height, 1],
          [1, grid.width],
        ]
      : [
          [rows, 1, window, 1],
          [1, columns, 1, window],
        ];
  const row = b.integers(source(grid.height, byRow), rowShape, 'int32');
  const column = b.integers(source(grid.width, byColumn), columnShape, 'int32');
  const index = reshape(b, add(b, row, column), [grid.height * grid.width]);
  return gather(b, tokens, index, 0);
}

/**
 * What shifted windows add to the attention: -100 between tokens of different regions, else 0.
 *
 * @returns a constant [windows, 1, N, N], N = window^2
 */
export function shiftMask(b: GraphBuilder, grid: WindowGrid, shift: number): Value {
  const { window } = grid;
  const [rows, columns] = [grid.height / window, grid.width / window];
  const region = (length: number, weight: number) =>
    Array.from({ length }, (_, i) => (i < length - window ? 0 : i < length - shift ? 1 : 2) * weight);
  const row = b.integers(region(grid.height, 3), [rows, 1, window, 1], 'int32');
  const column = b.integers(region(grid.width, 1), [1, columns, 1, window], 'int32');
  const regions = add(b, row, column);
  const [count, tokens] = [rows * columns, window ** 2];
  const shape = [count, 1, tokens, tokens];
  const same = b.op(
    'Equal',
    [reshape(b, regions, [count, 1, tokens, 1]), reshape(b, regions, [count, 1, 1, tokens])],
    shape,
    { type: ElementType.bool },
  );
  const [open, masked] = [0, MASKED].map((value) => b.floats([value], [], ElementType.float32)) as [
    Value,
    Value,
  ];
  // In fp32 first: the runtime has no fp16 Where to fold constants with.
  const mask = b.op('Where', [same, open, masked], shape, { type: ElementType.float32 });
  return b.cast(mask, b.computeType);
}

/**
 * The relative position bias of one block, gathered from its table [(2w-1)^2, heads].
 *
 * @returns a constant [heads, N, N]
 */
export function positionBias(b: GraphBuilder, table: Value, window: number): Value {
  const span = 2 * window - 1;
  const differences = (scale: number) =>
    Array.from({ length: window ** 2 }, (_, k) => {
      const [query, key] = [Math.floor(k / window), k % window];
      return (query - key + window - 1) * scale;
    });
  const row = b.integers(differences(span), [window, 1, window, 1], 'int32');
  const column = b.integers(differences(1), [1, window, 1, window], 'int32');
  const index = reshape(b, add(b, row, column), [window ** 2, window ** 2]);
  const heads = table.shape[1]!;
  const byHead = b.op('Transpose', [table], [heads, span ** 2], { attributes: { perm: [1, 0] } });
  return gather(b, byHead, index, 1);
}

/**
 * NumPy's 'reflect' on the right and bottom up to a multiple of `multiple`; where the picture is shorter than the
 * padding it reflects again and again, and a side of 1 repeats.
 */
export function padByReflection(b: GraphBuilder, picture: Value, multiple: number): Value {
  let padded = picture;
  for (const axis of [2, 3]) {
    const length = picture.shape[axis]!;
    if (length % multiple === 0) continue;
    const target = Math.ceil(length / multiple) * multiple;
    const indices = Array.from({ length: target }, (_, i) => reflect(i, length));
    padded = gather(b, padded, b.integers(indices, [target], 'int32'), axis);
  }
  return padded;
}

function sameOrder(a: TokenOrder, b: TokenOrder): boolean {
  return a === b || (a !== 'raster' && b !== 'raster' && a.shift === b.shift);
}
