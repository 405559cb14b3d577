import { describe, expect, it } from 'vitest';
import { describeProgress, progressShare } from './describe-progress';
import { fileStem, formatBytes, formatMs } from './format';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9_960, '10 kB'],
    [999_600, '1.0 MB'],
    [16_758_545, '17 MB'],
    [2.5e12, '2500 GB'],
  ])('%d -> %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatMs', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '< 1 ms'],
    [812.3, '812 ms'],
    [12_345, '12.3 s'],
    [61_000, '1 min 1 s'],
    [119_900, '2 min 0 s'],
  ])('%d -> %s', (ms, text) => expect(formatMs(ms)).toBe(text));
});

describe('fileStem', () => {
  it.each([
    ['photo.latent', 'photo'],
    ['a/b\\c.tar.gz', 'c.tar'],
    ['noending', 'noending'],
    ['.latent', 'latent'],
  ])('%s -> %s', (name, stem) => expect(fileStem(name)).toBe(stem));
});

describe('describeProgress', () => {
  it('counts the bytes of a download, and tiles if there are several', () => {
    const at = (phase: 'download' | 'decode', done: number, total: number) =>
      describeProgress({ phase, done, total, message: '' });
    expect(at('download', 1_200_000, 4_600_000)).toBe('Fetching the model, 1.2 MB of 4.6 MB');
    expect(at('decode', 2, 4)).toBe('Decoding, 2 of 4 tiles');
    expect(at('decode', 0, 1)).toBe('Decoding');
    expect(describeProgress(undefined)).toBe('Starting');
  });

  it('gives no share if nothing is counted', () => {
    expect(progressShare({ phase: 'prepare', done: 0, total: 1, message: '' })).toBeUndefined();
    expect(progressShare({ phase: 'decode', done: 1, total: 4, message: '' })).toBe(0.25);
  });
});
