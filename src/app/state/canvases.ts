/** Moves a bitmap into a canvas without copying or drawing; the bitmap is used up. */
export function mountBitmap(bitmap: ImageBitmap): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('bitmaprenderer');
  if (!context) throw new Error('This browser has no bitmaprenderer canvas.');
  context.transferFromImageBitmap(bitmap);
  return canvas;
}

/**
 * A canvas of its own with the same picture; for small pictures, as it draws.
 * @param times enlarges it smoothly: the browser's own smoothing shows the squares of what is enlarged much
 */
export function copyBitmap(bitmap: ImageBitmap, times = 1): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width * times;
  canvas.height = bitmap.height * times;
  const context = canvas.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}

/** Frees the pixels of a canvas that is no longer shown. */
export function freeCanvas(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}
