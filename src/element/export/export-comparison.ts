import { LeapError } from '../../errors';
import { DIFFERENCE_GAIN, type Mode } from '../modes';
import { nameDifference } from '../name-difference';
import { type ComparedSide, type PictureSize, SIDES, type SideId, sizeOf } from '../sides';
import { layLabel } from './lay-label';

/** What an exported comparison is written as. */
export interface ExportOptions {
  /** Default `image/png`. */
  type?: 'image/png' | 'image/jpeg' | 'image/webp';
  /** 0..1, for JPEG and WebP. */
  quality?: number;
}

interface Comparison extends ExportOptions {
  sides: Record<SideId, ComparedSide>;
  /** The size of each picture. */
  size: PictureSize | undefined;
  mode: Mode;
  /** The side that a flip shows. */
  front: SideId;
  /** 0..1 of the width. */
  divider: number;
}

/** Pixels between two pictures that stand side by side. */
const GAP = 8;

/**
 * The comparison as one picture, at the pictures' own size: swiped, side by side, one side alone, or the difference,
 * with the labels on it.
 * @throws LeapError `bad-option` without two pictures, `too-large` for what no canvas can hold
 */
export async function exportComparison(comparison: Comparison): Promise<Blob> {
  const { size, mode, sides, type = 'image/png', quality } = comparison;
  if (!size || SIDES.some((side) => !sizeOf(sides[side].picture))) {
    throw new LeapError('bad-option', 'There are not two pictures to compare yet.');
  }
  const canvas = document.createElement('canvas');
  canvas.width = mode === 'pair' ? size.width * 2 + GAP : size.width;
  canvas.height = size.height;
  const context = canvas.getContext('2d');
  if (!context) throw tooLarge(canvas);
  context.imageSmoothingQuality = 'high';
  DRAW[mode](context, comparison, size);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  canvas.width = 0;
  if (!blob) throw tooLarge(size);
  return blob;
}

type Draw = (context: CanvasRenderingContext2D, comparison: Comparison, size: PictureSize) => void;

const DRAW: Record<Mode, Draw> = {
  swipe: drawSwipe,
  pair: drawPair,
  flip: drawFlip,
  difference: drawDifference,
};

function drawSwipe(
  context: CanvasRenderingContext2D,
  { sides, divider }: Comparison,
  size: PictureSize,
): void {
  const { width, height } = size;
  const at = Math.round(divider * width);
  drawPicture(context, sides.left, 0, size);
  context.save();
  context.beginPath();
  context.rect(at, 0, width - at, height);
  context.clip();
  drawPicture(context, sides.right, 0, size);
  context.restore();
  const line = Math.max(2, Math.round(width / 500));
  context.fillStyle = '#fff';
  context.fillRect(at - line / 2, 0, line, height);
  drawLabel(context, sides.left, 0, 'left', at, size);
  drawLabel(context, sides.right, width, 'right', width - at, size);
}

function drawPair(context: CanvasRenderingContext2D, { sides }: Comparison, size: PictureSize): void {
  for (const [index, side] of SIDES.entries()) {
    const x = index * (size.width + GAP);
    drawPicture(context, sides[side], x, size);
    drawLabel(context, sides[side], x, 'left', size.width, size);
  }
}

function drawFlip(context: CanvasRenderingContext2D, { sides, front }: Comparison, size: PictureSize): void {
  drawPicture(context, sides[front], 0, size);
  drawLabel(context, sides[front], 0, 'left', size.width, size);
}

function drawDifference(context: CanvasRenderingContext2D, { sides }: Comparison, size: PictureSize): void {
  drawPicture(context, sides.left, 0, size);
  context.globalCompositeOperation = 'difference';
  drawPicture(context, sides.right, 0, size);
  // Adding the result to itself doubles it.
  context.globalCompositeOperation = 'lighter';
  for (let gain = 1; gain < DIFFERENCE_GAIN; gain *= 2) context.drawImage(context.canvas, 0, 0);
  context.globalCompositeOperation = 'source-over';
  drawLabel(context, nameDifference(sides), 0, 'left', size.width, size);
}

function drawPicture(
  context: CanvasRenderingContext2D,
  { picture }: ComparedSide,
  x: number,
  { width, height }: PictureSize,
): void {
  if (picture) context.drawImage(picture, x, 0, width, height);
}

/** @param x where the label begins, or ends @param room how wide it may be, with its margin */
function drawLabel(
  context: CanvasRenderingContext2D,
  side: ComparedSide,
  x: number,
  align: 'left' | 'right',
  room: number,
  { width, height }: PictureSize,
): void {
  const letters = Math.max(11, Math.round(Math.min(width, height) / 42));
  const margin = Math.round(letters * 0.7);
  const padding = margin * 0.8;
  const line = letters * 1.4;
  context.font = `600 ${letters}px system-ui, sans-serif`;
  const widthOf = (text: string) => context.measureText(text).width;
  const lines = layLabel(side, room - 2 * padding - margin, widthOf);
  if (!lines.length) return;
  const wide = Math.max(...lines.map(widthOf)) + 2 * padding;
  const left = align === 'left' ? x + margin : x - margin - wide;
  context.fillStyle = 'rgb(0 0 0 / 70%)';
  context.fillRect(left, margin, wide, letters * 0.4 + line * lines.length);
  context.fillStyle = '#fff';
  context.textBaseline = 'middle';
  for (const [row, text] of lines.entries()) {
    context.fillText(text, left + padding, margin + letters * 0.95 + line * row);
  }
}

function tooLarge({ width, height }: PictureSize): LeapError {
  return new LeapError('too-large', `This browser has no canvas of ${width} × ${height} pixels.`, {
    width,
    height,
  });
}
