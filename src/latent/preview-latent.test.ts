import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { readTensorFile } from '../formats';
import { digestOf } from '../testing/digest-of';
import { FAMILIES } from './families';
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

  // A wrong sign hardly shows in a preview. These are digests of ComfyUI's tables, not of ours: comfy/latent_formats.py of
  // github.com/comfyanonymous/ComfyUI at 040a3243468ecefd1f2802592d90458f1ce4d65f, latent_rgb_factors and below them
  // latent_rgb_factors_bias (SD15 has none: zeros), four decimals, a space between numbers, a line for each row.
  it.each([
    ['sd15', 'SD15', 'f28a63af998a213084152ddfc08a1693704b2cb2c534000f5af48ec5b812298b'],
    ['sdxl', 'SDXL', '6160872d384b3212a1d20ddbbed8ef992946c7b4dbfb04c1cb41d3a61ecbbb15'],
    ['sd3', 'SD3', '02cc5143d6ee8d6ba8c882ff9fcaa6277124f214b701581892704253d52f4ef1'],
    ['flux1', 'Flux', 'f15947cd52dd45934da8f46c1c3994b4be6a48a27ccf3220bf35ea5ad8c40772'],
  ] as const)('the factors of %s are those of the class %s', (family, _, digest) => {
    const { rgbFactors, rgbBias } = FAMILIES[family];
    const lines = [...rgbFactors, rgbBias].map((row) => row.map((value) => value.toFixed(4)).join(' '));
    expect(digestOf(new TextEncoder().encode(lines.join('\n')))).toBe(digest);
  });
});
