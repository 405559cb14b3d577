import type { AxisTile } from './plan-tiles';

/** Remembers which latent positions have been decoded, so that a retry with other tiles does not repeat them. */
export class DonePositions {
  readonly #width: number;
  readonly #done: Uint8Array;

  constructor(height: number, width: number) {
    this.#width = width;
    this.#done = new Uint8Array(height * width);
  }

  mark(tile: { x: AxisTile; y: AxisTile }): void {
    this.#rows(tile, (row) => row.fill(1));
  }

  has(tile: { x: AxisTile; y: AxisTile }): boolean {
    let whole = true;
    this.#rows(tile, (row) => {
      if (row.includes(0)) whole = false;
    });
    return whole;
  }

  clear(): void {
    this.#done.fill(0);
  }

  #rows({ x, y }: { x: AxisTile; y: AxisTile }, visit: (row: Uint8Array) => void): void {
    for (let row = y.from; row < y.to; row++) {
      visit(this.#done.subarray(row * this.#width + x.from, row * this.#width + x.to));
    }
  }
}
