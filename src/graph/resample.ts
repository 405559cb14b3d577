import { GraphBuilder, type Value } from './onnx/graph-builder';
import { ElementType } from './onnx/onnx-proto';
import { matMul } from './onnx/ops';
import { WeightsTable } from './onnx/weights-table';
import type { BuiltGraph } from './types';

/**
 * - `bicubic`: as torch.nn.functional.interpolate(mode='bicubic', align_corners=False); beyond an edge the edge repeats
 * - `lanczos`: as Pillow's LANCZOS enlarges; at an edge the weights inside are scaled to a sum of 1
 * - `bilinear`: as interpolate's; beyond an edge the edge repeats
 */
export type Filter = 'bicubic' | 'lanczos' | 'bilinear';

/** How far each filter reads on each side, in positions of the input. */
export const FILTER_REACH: Readonly<Record<Filter, number>> = { bicubic: 2, lanczos: 3, bilinear: 1 };

/** PyTorch's cubic coefficient. */
const CUBIC_A = -0.75;

/**
 * A picture enlarged by a filter. An enlargement is linear in rows and in columns, so it is one matrix for each.
 *
 * ONNX's cubic Resize gives the same values, but it is 25 times slower on the CPU and invalid WGSL in fp16.
 * Always fp32.
 *
 * @param x [1, C, H, W]
 * @param scale at least 1
 * @returns float32 [1, C, floor(scale H), floor(scale W)]
 */
export function enlarge(b: GraphBuilder, x: Value, scale: number, filter: Filter): Value {
  const [, , height = 0, width = 0] = x.shape;
  const side = (length: number): Side => ({ length, enlarged: enlargedLength(length, scale), scale });
  return enlargeSides(b, x, side(height), side(width), filter);
}

/** The same to a size: each side has a scale of its own, where the size was rounded. */
export function enlargeTo(
  b: GraphBuilder,
  x: Value,
  size: { height: number; width: number },
  filter: Filter,
): Value {
  const [, , height = 0, width = 0] = x.shape;
  const side = (length: number, enlarged: number): Side => ({ length, enlarged, scale: enlarged / length });
  return enlargeSides(b, x, side(height, size.height), side(width, size.width), filter);
}

interface Side {
  length: number;
  enlarged: number;
  scale: number;
}

function enlargeSides(b: GraphBuilder, x: Value, height: Side, width: Side, filter: Filter): Value {
  const wide = b.cast(x, ElementType.float32);
  const matrix = (side: Side): Value =>
    b.floats(enlargement(side, filter), [side.enlarged, side.length], ElementType.float32);
  const columns = b.op('Transpose', [matrix(width)], [width.length, width.enlarged], {
    attributes: { perm: [1, 0] },
  });
  return matMul(b, matrix(height), matMul(b, wide, columns));
}

/** As `interpolate` counts them: a fraction of a position is left out. */
export function enlargedLength(length: number, scale: number): number {
  return Math.floor(length * scale + 1e-6);
}

/** A graph that does nothing but enlarge: latents, or pictures. */
export function buildEnlargement(options: {
  channels: number;
  height: number;
  width: number;
  scale: number;
  filter: Filter;
}): BuiltGraph {
  const { channels, height, width, scale, filter } = options;
  const b = new GraphBuilder(new WeightsTable([]), 'fp32');
  const input = b.input([1, channels, height, width]);
  return b.finish(enlarge(b, input, scale, filter), `${filter}-x${scale}`);
}

/** Row i holds the weights of the inputs in output i. */
function enlargement({ length, enlarged, scale }: Side, filter: Filter): number[] {
  const matrix: number[] = Array(enlarged * length).fill(0);
  for (let i = 0; i < enlarged; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    if (filter === 'lanczos') addLanczos(matrix, i * length, centre, length);
    else addTaps(matrix, i * length, centre, length, filter === 'bicubic' ? cubic : linear);
  }
  return matrix;
}

function addTaps(
  matrix: number[],
  row: number,
  centre: number,
  length: number,
  kernel: (distance: number) => number,
): void {
  const first = Math.floor(centre) - 1;
  for (let tap = first; tap < first + 4; tap++) {
    const source = Math.min(Math.max(tap, 0), length - 1);
    matrix[row + source]! += kernel(Math.abs(centre - tap));
  }
}

function linear(distance: number): number {
  return Math.max(0, 1 - distance);
}

/** Keys' kernel at a distance of up to 2. */
function cubic(distance: number): number {
  const a = CUBIC_A;
  return distance <= 1
    ? ((a + 2) * distance - (a + 3)) * distance ** 2 + 1
    : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
}

function addLanczos(matrix: number[], row: number, centre: number, length: number): void {
  const first = Math.max(0, Math.ceil(centre - FILTER_REACH.lanczos));
  const last = Math.min(length - 1, Math.floor(centre + FILTER_REACH.lanczos));
  let sum = 0;
  for (let tap = first; tap <= last; tap++) sum += lanczos(centre - tap);
  for (let tap = first; tap <= last; tap++) matrix[row + tap] = lanczos(centre - tap) / sum;
}

/** sinc(x) sinc(x / 3), |x| < 3. */
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= FILTER_REACH.lanczos) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (Math.sin(angle / 3) / (angle / 3));
}
