import type { GridSink } from '../api';
import type { Device, Grid, Placement, TileStats } from '../device/runtime';
import type { PictureSink } from '../types';

/**
 * Puts the kept part of a tile into the picture: as bytes, or as it is where the picture is put together on the device.
 * @param check looks at the values; undefined where nobody wants to
 */
export async function putTile(
  device: Device,
  picture: PictureSink | GridSink,
  tile: Grid,
  { rect, x, y }: Placement,
  check: ((stats: TileStats) => void) | undefined,
): Promise<void> {
  if ('putGrid' in picture) {
    picture.putGrid(tile, rect, x, y);
    if (!check) return;
    const stats = await device.grids.measure(tile);
    device.checkHealth();
    check(stats);
    return;
  }
  const { rgba, stats } = await device.grids.toRgba(tile, rect);
  // Where the memory for reading it back was not there, the pixels are blank and the values behind them are not.
  device.checkHealth();
  check?.(stats);
  await picture.put(x, y, rect.width, rect.height, rgba);
}
