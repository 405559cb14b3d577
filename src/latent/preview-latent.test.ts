import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { readTensorFile } from '../formats';
import { previewLatent, readLatents } from './index';

const SAMPLES = new URL('../../public/samples/', import.meta.url);
/** The photographs that the samples were made from, one pixel per latent position; training/fixtures/make_samples.py. */
const PHOTOS = new URL('__fixtures__/samples/', import.meta.url);
const samples = JSON.parse(readFileSync(new URL('samples.json', SAMPLES), 'utf8')) as { file: string }[];

/** Pearson correlation of two pictures over all colour channels; alpha is left out. */
function correlate(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  stepA: number,
  stepB: number,
  pixels: number,
): number {
  const pairs: [number, number][] = [];
  for (let at = 0; at < pixels; at++) {
    for (let c = 0; c < 3; c++) pairs.push([a[at * stepA + c]!, b[at * stepB + c]!]);
  }
  const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  const [meanA, meanB] = [mean(0), mean(1)];
  const moment = (left: 0 | 1, right: 0 | 1) =>
    pairs.reduce(
      (sum, pair) => sum + (pair[left] - [meanA, meanB][left]!) * (pair[right] - [meanA, meanB][right]!),
      0,
    );
  return moment(0, 1) / Math.sqrt(moment(0, 0) * moment(1, 1));
}

describe('preview', () => {
  it.each(samples)('the one of $file looks like the photograph', ({ file }) => {
    const [latent] = readLatents(readTensorFile(new Uint8Array(readFileSync(new URL(file, SAMPLES)))), {
      name: file,
    });
    const { width, height, data } = previewLatent(latent!);
    const photo = decode(readFileSync(new URL(`${file}.png`, PHOTOS)));
    expect([photo.width, photo.height]).toEqual([width, height]);
    expect(data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
    expect(correlate(data, photo.data, 4, photo.channels, width * height)).toBeGreaterThan(0.75);
  });
});
