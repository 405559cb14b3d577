import { LeapError } from '../../../errors';
import type { Affine, Dims, Grid, Grids, Placement, Rect, TileMoments, TileStats } from '../runtime';
import { fadeWeight } from './fade-weight';

/** A grid in an ordinary array. */
export interface HostGrid extends Grid {
  data: Float32Array;
}

export function asHost(grid: Grid): HostGrid {
  if ('data' in grid) return grid as HostGrid;
  throw new LeapError('internal', 'A grid of another device was given to the host.');
}

/** Grids in arrays, for the backends that compute on the processor, or hide their GPU buffers. */
export class HostGrids implements Grids {
  fromArray(data: Float32Array, dims: Dims): HostGrid {
    return { dims, data };
  }

  zeros(dims: Dims): HostGrid {
    return { dims, data: new Float32Array(dims[0] * dims[1] * dims[2]) };
  }

  cut(source: Grid, x: number, y: number, target: Grid, { scale, shift }: Affine): void {
    const [channels, height, width] = target.dims;
    const [, fullHeight, fullWidth] = source.dims;
    const from = asHost(source).data;
    const to = asHost(target).data;
    for (let c = 0; c < channels; c++) {
      for (let row = 0; row < height; row++) {
        const read = (c * fullHeight + y + row) * fullWidth + x;
        const write = (c * height + row) * width;
        for (let i = 0; i < width; i++) to[write + i] = from[read + i]! * scale + shift;
      }
    }
  }

  place(tile: Grid, placement: Placement, target: Grid, { scale, shift }: Affine): void {
    const { rect, fade } = placement;
    const [channels, height, width] = tile.dims;
    const [, fullHeight, fullWidth] = target.dims;
    const from = asHost(tile).data;
    const to = asHost(target).data;
    for (let c = 0; c < channels; c++) {
      for (let row = 0; row < rect.height; row++) {
        const weightY = fadeWeight(row, rect.height, fade.top, fade.bottom);
        const read = (c * height + rect.y + row) * width + rect.x;
        const write = (c * fullHeight + placement.y + row) * fullWidth + placement.x;
        for (let i = 0; i < rect.width; i++) {
          const weight = weightY * fadeWeight(i, rect.width, fade.left, fade.right);
          to[write + i]! += weight * (from[read + i]! * scale + shift);
        }
      }
    }
  }

  async add(tile: Grid, placement: Placement, target: Grid, affine: Affine): Promise<TileStats> {
    this.place(tile, placement, target, affine);
    return this.measure(tile);
  }

  async measure(grid: Grid): Promise<TileStats> {
    return measure(asHost(grid).data);
  }

  async toRgba(tile: Grid, rect: Rect) {
    const [, height, width] = tile.dims;
    const { data } = asHost(tile);
    const plane = height * width;
    const rgba = new Uint8ClampedArray(rect.width * rect.height * 4);
    let write = 0;
    for (let row = 0; row < rect.height; row++) {
      let read = (rect.y + row) * width + rect.x;
      for (let i = 0; i < rect.width; i++, read++, write += 4) {
        // A clamped array clamps, and rounds to the nearest.
        rgba[write] = data[read]! * 255;
        rgba[write + 1] = data[plane + read]! * 255;
        rgba[write + 2] = data[2 * plane + read]! * 255;
        rgba[write + 3] = 255;
      }
    }
    return { rgba, stats: measure(data) };
  }

  async moments(tile: Grid, rect: Rect): Promise<TileMoments> {
    const [channels, height, width] = tile.dims;
    const { data } = asHost(tile);
    const count = rect.width * rect.height;
    const mean = new Float64Array(channels);
    const squares = new Float64Array(channels);
    for (let c = 0; c < channels; c++) {
      const rows = Array.from({ length: rect.height }, (_, row) => {
        const read = (c * height + rect.y + row) * width + rect.x;
        return data.subarray(read, read + rect.width);
      });
      let sum = 0;
      for (const row of rows) for (const value of row) sum += value;
      const own = sum / count;
      let square = 0;
      for (const row of rows) for (const value of row) square += (value - own) ** 2;
      mean[c] = own;
      squares[c] = square;
    }
    return { count, mean, squares };
  }

  async toArray(grid: Grid): Promise<Float32Array> {
    return asHost(grid).data;
  }

  free(): void {}
}

function measure(data: Float32Array): TileStats {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) nonFinite++;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { min, max, nonFinite };
}
