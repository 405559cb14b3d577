import { floatToHalf, getHalfTable } from '../../formats';
import type { Precision } from '../../graph/types';
import type { Dims, Placement } from '../device/runtime';

/** Values of one channel, row by row: float32, or the bits of float16. */
type Plane = Float32Array | Uint16Array;

const VALUE_BYTES: Record<Precision, number> = { fp32: 4, fp16: 2 };

/**
 * Features of a whole picture in the machine's own memory, one array per channel, so that no device need hold them.
 * What a graph computed in fp16 is kept as float16, which loses nothing.
 */
export class FeatureStore {
  readonly height: number;
  readonly width: number;
  readonly #planes: readonly Plane[];

  private constructor(planes: readonly Plane[], height: number, width: number) {
    this.#planes = planes;
    this.height = height;
    this.width = width;
  }

  static empty([channels, height, width]: Dims, precision: Precision): FeatureStore {
    const Values = precision === 'fp16' ? Uint16Array : Float32Array;
    const planes = Array.from({ length: channels }, () => new Values(height * width));
    return new FeatureStore(planes, height, width);
  }

  static bytes([channels, height, width]: Dims, precision: Precision): number {
    return channels * height * width * VALUE_BYTES[precision];
  }

  get channels(): number {
    return this.#planes.length;
  }

  /** A store with the channels of both. Nothing is copied. */
  with(more: FeatureStore): FeatureStore {
    return new FeatureStore([...this.#planes, ...more.#planes], this.height, this.width);
  }

  /** Puts the part of a tile that is kept where it belongs. */
  put(tile: Float32Array, [, height, width]: Dims, { rect, x, y }: Placement): void {
    for (let c = 0; c < this.channels; c++) {
      for (let row = 0; row < rect.height; row++) {
        const read = (c * height + rect.y + row) * width + rect.x;
        this.write(c, (y + row) * this.width + x, tile.subarray(read, read + rect.width));
      }
    }
  }

  /** A tile of it, [C, height, width]. */
  cut(x: number, y: number, width: number, height: number): Float32Array {
    const tile = new Float32Array(this.channels * height * width);
    for (let c = 0; c < this.channels; c++) {
      for (let row = 0; row < height; row++) {
        const target = tile.subarray((c * height + row) * width, (c * height + row + 1) * width);
        this.read(c, (y + row) * this.width + x, target);
      }
    }
    return tile;
  }

  /** Fills `target` with values of a channel, counted row by row, from position `at` on. */
  read(channel: number, at: number, target: Float32Array): void {
    const plane = this.#planes[channel]!;
    if (plane instanceof Float32Array) {
      target.set(plane.subarray(at, at + target.length));
      return;
    }
    const table = getHalfTable();
    for (let i = 0; i < target.length; i++) target[i] = table[plane[at + i]!]!;
  }

  /** The opposite of {@link read}. */
  write(channel: number, at: number, values: ArrayLike<number>): void {
    const plane = this.#planes[channel]!;
    if (plane instanceof Float32Array) plane.set(values, at);
    else for (let i = 0; i < values.length; i++) plane[at + i] = floatToHalf(values[i]!);
  }
}
