import { reflect } from '../../graph';
import type { Grid, Grids } from '../device/runtime';

/**
 * A copy of a grid that is continued by reflection to the right and below, for pieces that work on whole windows.
 *
 * @param height at least the grid's own, as `width`
 */
export async function padGrid(grids: Grids, source: Grid, height: number, width: number): Promise<Grid> {
  const [channels, rows, columns] = source.dims;
  const values = await grids.toArray(source);
  const padded = new Float32Array(channels * height * width);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * rows + reflect(y, rows)) * columns;
      for (let x = 0; x < width; x++) padded[at++] = values[row + reflect(x, columns)]!;
    }
  }
  return grids.fromArray(padded, [channels, height, width]);
}
