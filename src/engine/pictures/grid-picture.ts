import { LeapError } from '../../errors';
import type { GridSink } from '../api';
import type { Device, Grid, Rect } from '../device/runtime';

/** From [0, 1], which decoders give, to [-1, 1], which the decoders of other programs give. */
const TO_SIGNED = { scale: 2, shift: -1 };
const UNBLENDED = { left: 0, right: 0, top: 0, bottom: 0 };

/** A picture that is put together where the device has its grids: [3, H, W] in [-1, 1], not clamped. */
export class GridPicture implements GridSink {
  readonly device: Device;
  readonly grid: Grid;

  constructor(width: number, height: number, device: Device) {
    this.device = device;
    this.grid = device.grids.zeros([3, height, width]);
  }

  putGrid(tile: Grid, rect: Rect, x: number, y: number): void {
    this.device.grids.place(tile, { rect, x, y, fade: UNBLENDED }, this.grid, TO_SIGNED);
  }

  async check(): Promise<void> {
    const { nonFinite } = await this.device.grids.measure(this.grid);
    this.device.checkHealth();
    if (nonFinite === 0) return;
    throw new LeapError('bad-output', `The decoder gave ${nonFinite} values that are not numbers.`, {
      nonFinite,
    });
  }

  discard(): void {
    this.device.grids.free(this.grid);
  }
}
