import { SIDES } from '../choice';
import { currentRun, type Item } from '../item';

/** Longest side in pixels: twice what the queue shows, for dense screens. */
const LONGEST = 240;

/** The queue shows the finished picture instead of the rough preview: the right one, where there are two. */
export function showResultInQueue(item: Item): void {
  const run = currentRun(item);
  const picture = SIDES.map((side) => run[side]).findLast((side) => side.state === 'done')?.outcome.canvas;
  if (!picture || !item.previews) return;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  item.previews = { ...item.previews, thumbnail: canvas };
}
