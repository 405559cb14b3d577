import { yieldTask } from '../../ui/yield-task';
import type { Luminance } from './luminance';

/**
 * Mean absolute Laplacian of the luminance: how much neighbouring pixels differ. Fine detail raises it, and so do
 * noise and ringing.
 */
export function sharpness({ width, height, data }: Luminance): number {
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      sum += Math.abs(4 * data[at]! - data[at - 1]! - data[at + 1]! - data[at - width]! - data[at + width]!);
    }
  }
  const count = (width - 2) * (height - 2);
  return count > 0 ? sum / count : 0;
}

/** Peak signal to noise ratio in dB; Infinity for equal pictures. */
export function psnr(a: Luminance, b: Luminance): number {
  let squares = 0;
  for (let i = 0; i < a.data.length; i++) squares += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (squares / a.data.length));
}

/** The window has 11 x 11 positions, weighted by a Gaussian of this deviation (Wang et al. 2004). */
const RADIUS = 5;
const DEVIATION = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Rows that are worked on before something else may run. */
const BAND = 48;

/** The window's weights along one axis; they sum to 1. */
const KERNEL = makeKernel();

function makeKernel(): Float64Array {
  const weights = Float64Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * DEVIATION ** 2)),
  );
  const sum = weights.reduce((all, one) => all + one);
  return weights.map((one) => one / sum);
}

/**
 * Mean structural similarity, over the windows that lie within the picture; 1 for equal pictures, NaN for ones
 * smaller than a window.
 */
export async function ssim(a: Luminance, b: Luminance): Promise<number> {
  const { width, height } = a;
  const [across, down] = [width - 2 * RADIUS, height - 2 * RADIUS];
  if (across <= 0 || down <= 0) return Number.NaN;
  let sum = 0;
  for (let top = 0; top < down; top += BAND) {
    sum += sumBand(a, b, top, Math.min(BAND, down - top));
    await yieldTask();
  }
  return sum / (across * down);
}

/** Sum of the similarities of `rows` rows of windows, the first of which begins in row `top`. */
function sumBand(a: Luminance, b: Luminance, top: number, rows: number): number {
  const { width } = a;
  const across = width - 2 * RADIUS;
  // Five moments, filtered along the rows first: a, b, aa, bb, ab.
  const lines = rows + 2 * RADIUS;
  const moments = Array.from({ length: 5 }, () => new Float64Array(lines * across));
  for (let y = 0; y < lines; y++) {
    for (let x = 0; x < across; x++) {
      const from = (top + y) * width + x;
      const to = y * across + x;
      for (let k = 0; k < KERNEL.length; k++) {
        const [p, q, weight] = [a.data[from + k]!, b.data[from + k]!, KERNEL[k]!];
        moments[0]![to]! += weight * p;
        moments[1]![to]! += weight * q;
        moments[2]![to]! += weight * p * p;
        moments[3]![to]! += weight * q * q;
        moments[4]![to]! += weight * p * q;
      }
    }
  }
  let sum = 0;
  const mean = new Float64Array(5);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < across; x++) {
      mean.fill(0);
      for (let k = 0; k < KERNEL.length; k++) {
        const at = (y + k) * across + x;
        for (let m = 0; m < 5; m++) mean[m]! += KERNEL[k]! * moments[m]![at]!;
      }
      sum += similarity(mean);
    }
  }
  return sum;
}

/** The similarity of one window, from its weighted means of a, b, aa, bb and ab. */
function similarity([a, b, aa, bb, ab]: Float64Array): number {
  const [varianceA, varianceB, covariance] = [aa! - a! * a!, bb! - b! * b!, ab! - a! * b!];
  const luminance = (2 * a! * b! + C1) / (a! * a! + b! * b! + C1);
  return (luminance * (2 * covariance + C2)) / (varianceA + varianceB + C2);
}
