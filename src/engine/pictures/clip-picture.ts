import type { GridSink } from '../api';
import type { PictureSink } from '../types';

/**
 * Cuts off what lies beyond `width` and `height`. A picture whose size was not a multiple of 8 was padded before it was
 * encoded, and gets its own size back here.
 */
export function clipPicture(sink: PictureSink, width: number, height: number): PictureSink {
  return {
    put(x, y, tileWidth, tileHeight, rgba) {
      const [w, h] = [Math.min(tileWidth, width - x), Math.min(tileHeight, height - y)];
      if (w <= 0 || h <= 0) return;
      if (w === tileWidth) return sink.put(x, y, w, h, rgba.subarray(0, w * h * 4));
      const clipped = new Uint8ClampedArray(w * h * 4);
      for (let row = 0; row < h; row++) {
        const start = row * tileWidth * 4;
        clipped.set(rgba.subarray(start, start + w * 4), row * w * 4);
      }
      return sink.put(x, y, w, h, clipped);
    },
    discard: () => sink.discard?.(),
  };
}

/** {@link clipPicture} for tiles that stay on the device. */
export function clipGrids(sink: GridSink, width: number, height: number): GridSink {
  return {
    putGrid(tile, rect, x, y) {
      const [w, h] = [Math.min(rect.width, width - x), Math.min(rect.height, height - y)];
      if (w > 0 && h > 0) sink.putGrid(tile, { ...rect, width: w, height: h }, x, y);
    },
    check: () => sink.check(),
    discard: () => sink.discard?.(),
  };
}
