import { describe, expect, it } from 'vitest';
import { type Luminance, toLuminance } from './luminance';
import { psnr, sharpness, ssim } from './measures';

/** Waves with a little noise, from a small linear congruence. */
function makePicture(width: number, height: number, seed: number): Luminance {
  let state = seed;
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    const wave = 90 * Math.sin((i % width) / 5) + 60 * Math.cos(Math.floor(i / width) / 7);
    return Math.min(Math.max(128 + wave * 0.7 + (state / 2 ** 31 - 0.5) * 40, 0), 255);
  });
  return { width, height, data };
}

/** Straight from the paper's formula, window by window. */
function slowSsim(a: Luminance, b: Luminance): number {
  const weights: { x: number; y: number; weight: number }[] = [];
  for (let y = -5; y <= 5; y++) {
    for (let x = -5; x <= 5; x++) weights.push({ x, y, weight: Math.exp(-(x * x + y * y) / 4.5) });
  }
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  let count = 0;
  for (let row = 5; row < a.height - 5; row++) {
    for (let column = 5; column < a.width - 5; column++) {
      const mean = (value: (at: number) => number) =>
        weights.reduce((all, { x, y, weight }) => all + weight * value((row + y) * a.width + column + x), 0) /
        total;
      const [ma, mb] = [mean((at) => a.data[at]!), mean((at) => b.data[at]!)];
      const va = mean((at) => (a.data[at]! - ma) ** 2);
      const vb = mean((at) => (b.data[at]! - mb) ** 2);
      const cov = mean((at) => (a.data[at]! - ma) * (b.data[at]! - mb));
      sum +=
        ((2 * ma * mb + 6.5025) * (2 * cov + 58.5225)) / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225));
      count++;
    }
  }
  return sum / count;
}

describe('measures of pictures', () => {
  it('ssim is the formula, window by window, also over several bands', async () => {
    const [a, b] = [makePicture(31, 70, 1), makePicture(31, 70, 2)];
    expect(await ssim(a, b)).toBeCloseTo(slowSsim(a, b), 9);
    expect(await ssim(a, a)).toBeCloseTo(1, 12);
    expect(await ssim(makePicture(8, 8, 1), makePicture(8, 8, 1))).toBeNaN();
  });

  it('psnr of a constant difference is known', () => {
    const a = makePicture(9, 9, 1);
    const b = { ...a, data: a.data.map((value) => value + 5) };
    expect(psnr(a, b)).toBeCloseTo(20 * Math.log10(255 / 5), 4);
    expect(psnr(a, a)).toBe(Number.POSITIVE_INFINITY);
  });

  it('sharpness is zero for a slope, and the step for a chessboard', () => {
    const make = (value: (x: number, y: number) => number): Luminance => {
      const data = Float32Array.from({ length: 144 }, (_, i) => value(i % 12, Math.floor(i / 12)));
      return { width: 12, height: 12, data };
    };
    expect(sharpness(make((x, y) => 3 * x + 5 * y))).toBe(0);
    expect(sharpness(make((x, y) => ((x + y) % 2) * 10))).toBe(40);
  });

  it('luminance is that of Rec. 601', () => {
    const { data } = toLuminance(Uint8ClampedArray.of(255, 0, 0, 255, 10, 20, 30, 0), 2, 1);
    expect(data[0]).toBeCloseTo(76.245, 3);
    expect(data[1]).toBeCloseTo(18.15, 3);
  });
});
