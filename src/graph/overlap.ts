/** How tiles of a network must overlap, in latent positions. */
export interface Overlap {
  /** Context on each inner side that is computed and thrown away. */
  halo: number;
  /** Positions over which neighbours are blended; 0 where the halo makes tiles exact. */
  fade: number;
  /** Tiles begin on multiples of this. */
  align: number;
}

/** The overlap of a network that sees so far and no further: a tile's own part equals the untiled result. */
export function exactly(halo: number): Overlap {
  return { halo, fade: 0, align: 1 };
}
