/**
 * Draws a bitmap on a canvas of its own. For small pictures.
 * @param times enlarges it smoothly here, because a browser that enlarges a small canvas on the page shows its squares
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
