import type { Dims, Piece } from '../runtime';

const FLOAT_BYTES = 4;

/** Features of a whole picture in the machine's own memory, one array per channel: no device need hold them. */
export class FeatureStore {
  readonly height: number;
  readonly width: number;
  readonly planes: readonly Float32Array[];

  constructor(planes: readonly Float32Array[], height: number, width: number) {
    this.planes = planes;
    this.height = height;
    this.width = width;
  }

  static empty([channels, height, width]: Dims): FeatureStore {
    const planes = Array.from({ length: channels }, () => new Float32Array(height * width));
    return new FeatureStore(planes, height, width);
  }

  static bytes([channels, height, width]: Dims): number {
    return channels * height * width * FLOAT_BYTES;
  }

  /** The channels of both, nothing copied. */
  with(more: FeatureStore): FeatureStore {
    return new FeatureStore([...this.planes, ...more.planes], this.height, this.width);
  }

  /** Puts what is kept of a tile where it belongs. */
  put(tile: Float32Array, [, height, width]: Dims, { rect, x, y }: Piece): void {
    for (const [c, plane] of this.planes.entries()) {
      for (let row = 0; row < rect.height; row++) {
        const read = (c * height + rect.y + row) * width + rect.x;
        plane.set(tile.subarray(read, read + rect.width), (y + row) * this.width + x);
      }
    }
  }

  /** A tile of it, [C, height, width]. */
  cut(x: number, y: number, width: number, height: number): Float32Array {
    const tile = new Float32Array(this.planes.length * height * width);
    for (const [c, plane] of this.planes.entries()) {
      for (let row = 0; row < height; row++) {
        const read = (y + row) * this.width + x;
        tile.set(plane.subarray(read, read + width), (c * height + row) * width);
      }
    }
    return tile;
  }
}
