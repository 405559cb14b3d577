import type { BuiltGraph } from '../../graph/types';
import type { Backend } from '../types';

/** [channels, height, width]. */
export type Dims = readonly [number, number, number];

/** Numbers in the shape [C, H, W], float32, wherever the device keeps them: in an array, or in a GPU buffer. */
export interface Grid {
  readonly dims: Dims;
}

/** A rectangle in positions of the grid it is about. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** value -> value * scale + shift: between model space and decoder space. */
export interface Affine {
  scale: number;
  shift: number;
}

export const IDENTITY: Affine = { scale: 1, shift: 0 };

/** Extremes of the finite values of a tile, and how many were not finite. */
export interface TileStats {
  min: number;
  max: number;
  nonFinite: number;
}

/** For each channel of a part of a tile: its mean, and the sum of the squared differences from it. */
export interface TileMoments {
  /** Positions. */
  count: number;
  mean: Float64Array | Float32Array;
  squares: Float64Array | Float32Array;
}

/** Which part of a tile goes where, and over how many positions its weight rises from 0 to 1 at each side. */
export interface Placement {
  /** In the tile. */
  rect: Rect;
  /** Upper left corner in the target. */
  x: number;
  y: number;
  fade: { left: number; right: number; top: number; bottom: number };
}

/**
 * The moves between grids, next to the sessions that compute with them. Moves and runs take effect in the order
 * in which they were called; only what returns a promise has to be waited for.
 */
export interface Grids {
  fromArray(data: Float32Array, dims: Dims): Grid;
  zeros(dims: Dims): Grid;
  /** Fills `target` with the part of `source` that begins at (x, y); it must lie inside. */
  cut(source: Grid, x: number, y: number, target: Grid, affine: Affine): void;
  /** Adds the kept part of a tile, weighted, to `target`; the weights of overlapping tiles must sum to 1. */
  place(tile: Grid, placement: Placement, target: Grid, affine: Affine): void;
  /** {@link place}, and the statistics of the tile. */
  add(tile: Grid, placement: Placement, target: Grid, affine: Affine): Promise<TileStats>;
  measure(grid: Grid): Promise<TileStats>;
  /** RGB in [0, 1] to RGBA bytes, clamped and rounded; the statistics are of the values before that. */
  toRgba(tile: Grid, rect: Rect): Promise<{ rgba: Uint8ClampedArray<ArrayBuffer>; stats: TileStats }>;
  /** Statistics of the kept part of a tile. If a value is not a number, its channel's statistics are not either. */
  moments(tile: Grid, rect: Rect): Promise<TileMoments>;
  toArray(grid: Grid): Promise<Float32Array>;
  free(grid: Grid): void;
}

/** A graph with its weights in place. Input and output keep their shapes. */
export interface Session {
  /** Fill it before {@link run}. */
  readonly input: Grid;
  /** @returns the output, valid until the next run of this session. */
  run(): Promise<Grid>;
  release(): Promise<void>;
}

/** One opened way of running graphs. */
export interface Device {
  readonly backend: Backend;
  /** Name of the GPU, or of the processor backend with its threads. */
  readonly adapter: string;
  /** A GPU that the processor stands in for. */
  readonly software?: boolean;
  /** It can compute in fp16. */
  readonly fp16: boolean;
  /** No tensor may take more bytes than this. */
  readonly maxTensorBytes: number;
  /** Bytes of memory that the machine, or this backend on it, has as far as known. */
  readonly memoryBytes: number;
  readonly grids: Grids;
  /** @throws LeapError `out-of-memory`, `device-lost`, `internal` */
  createSession(graph: BuiltGraph, weights: ReadonlyMap<string, Uint8Array>): Promise<Session>;
  /** Throws `device-lost` or `out-of-memory` if something went wrong on the device since it was opened. */
  checkHealth(): void;
  close(): Promise<void>;
}

/** Hides which onnxruntime is there. */
export interface Runtime {
  /** Best first. */
  readonly backends: readonly Backend[];
  /** @throws LeapError `no-backend` */
  openDevice(backend: Backend): Promise<Device>;
}
