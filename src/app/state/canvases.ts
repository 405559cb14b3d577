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

/** Frees the pixels of a canvas that is no longer shown. */
export function freeCanvas(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}
