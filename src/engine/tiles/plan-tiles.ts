import type { Placement } from '../device/runtime';

/** One tile along one axis, in positions of the network's input. */
export interface AxisTile {
  /** First position that the network sees, and how many. */
  start: number;
  size: number;
  /** The part that is kept: [from, to). */
  from: number;
  to: number;
  /** Positions over which it fades in after `from`, and out before `to`. */
  fadeIn: number;
  fadeOut: number;
}

export interface TilingRule {
  /** Tile edge, halo included. A multiple of `align`. */
  tile: number;
  /** Positions next to an inner tile border whose results are thrown away. */
  halo: number;
  /** Positions over which two neighbours are blended; 0 for networks whose halo is exact. */
  fade: number;
  /** Tiles start on multiples of this (the attention window). */
  align: number;
}

/** One tile for everything. */
export function wholeRule(height: number, width: number): TilingRule {
  return { tile: Math.max(height, width), halo: 0, fade: 0, align: 1 };
}

/**
 * Tiles that cover `length` positions. The first and the last one lie flush with the picture's edges, so that
 * the network's own padding acts there and nowhere else: behind every inner border it sees real neighbours, and
 * what the border spoils lies in the halo. A single tile has exactly the length asked for.
 *
 * The last tile may be shorter than the others by less than `align`, if the length is not a multiple of it:
 * the network then pads it as it would pad the whole.
 */
export function planAxis(length: number, rule: TilingRule): AxisTile[] {
  const { tile, halo, fade, align } = rule;
  if (length <= tile) return [{ start: 0, size: length, from: 0, to: length, fadeIn: 0, fadeOut: 0 }];
  const step = Math.floor((tile - 2 * halo - fade) / align) * align;
  if (step <= 0 || tile % align !== 0) {
    throw new RangeError(
      `A tile of ${tile} cannot hold two halos of ${halo}, a blend of ${fade} and a step of ${align}`,
    );
  }
  const last = Math.ceil((length - tile) / align) * align;
  const steps = Math.ceil(last / step);
  const starts = Array.from({ length: steps + 1 }, (_, i) => Math.floor((i * last) / steps / align) * align);
  // The zone where tile i takes over from its predecessor must end before that of its successor begins.
  const zone = (i: number) => Math.min(fade, (starts[i + 1] ?? length) - starts[i]!);
  return starts.map((start, i) => {
    const next = starts[i + 1];
    return {
      start,
      size: Math.min(tile, length - start),
      from: i === 0 ? 0 : start + halo,
      to: next === undefined ? length : next + halo + zone(i + 1),
      fadeIn: i === 0 ? 0 : zone(i),
      fadeOut: next === undefined ? 0 : zone(i + 1),
    };
  });
}

export interface Tile {
  x: AxisTile;
  y: AxisTile;
}

/** Tiles of a [height, width] grid, row by row. */
export function planTiles(height: number, width: number, rule: TilingRule): Tile[] {
  const columns = planAxis(width, rule);
  return planAxis(height, rule).flatMap((y) => columns.map((x) => ({ x, y })));
}

/** What is kept of a tile's output, `scale` times the size of its input, and where it belongs. */
export function placementOf({ x, y }: Tile, scale: number): Placement {
  // Tiles lie where the products are whole; 10 x 1.1 is not quite 11.
  const times = (positions: number) => Math.round(positions * scale);
  return {
    rect: {
      x: times(x.from - x.start),
      y: times(y.from - y.start),
      width: times(x.to - x.from),
      height: times(y.to - y.from),
    },
    x: times(x.from),
    y: times(y.from),
    fade: { left: times(x.fadeIn), right: times(x.fadeOut), top: times(y.fadeIn), bottom: times(y.fadeOut) },
  };
}
