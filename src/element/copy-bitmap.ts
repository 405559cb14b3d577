/** Half a pixel of a small bitmap each way. */
const CORNERS = [
  [-0.5, -0.5],
  [0.5, -0.5],
  [-0.5, 0.5],
  [0.5, 0.5],
] as const;

/**
 * Draws a bitmap on a canvas of its own. For small pictures.
 * @param times enlarges it smoothly here, because a browser that enlarges a small canvas on the page shows its squares
 */
export function copyBitmap(bitmap: ImageBitmap, times = 1): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width * times;
  canvas.height = bitmap.height * times;
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  if (times > 1) blurSquares(context, bitmap, times);
  return canvas;
}

/** Browsers go from one pixel to the next in a straight line, which leaves a grid to be seen. The mean of shifted copies has none. */
function blurSquares(context: CanvasRenderingContext2D, bitmap: ImageBitmap, times: number): void {
  const [width, height] = [bitmap.width * times, bitmap.height * times];
  for (const [index, [x, y]] of CORNERS.entries()) {
    // With what is there already it is the mean of all of them.
    context.globalAlpha = 1 / (index + 2);
    context.drawImage(bitmap, x * times, y * times, width, height);
  }
}
