import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPictureSize } from './read-picture-size';

/** Written by Pillow, 37 x 23 pixels each: training/fixtures/make_picture_fixtures.py. */
const FILES = [
  'plain.png',
  'baseline.jpg',
  'progressive.jpg',
  'lossy.webp',
  'lossless.webp',
  'extended.webp',
  'plain.avif',
];
const read = (name: string) => new Uint8Array(readFileSync(new URL(`__fixtures__/${name}`, import.meta.url)));

describe('readPictureSize', () => {
  it.each(FILES)('reads the size of %s', (name) => {
    expect(readPictureSize(read(name))).toEqual({ width: 37, height: 23 });
  });

  it.each(FILES)('finds no wrong size where %s ends early', (name) => {
    const bytes = read(name);
    for (let length = 0; length < bytes.length; length++) {
      expect([undefined, { width: 37, height: 23 }]).toContainEqual(readPictureSize(bytes.slice(0, length)));
    }
  });

  it('takes the conditioning of an arithmetic coder for no frame (ITU-T T.81, B.2.4.3)', () => {
    const jpeg = read('baseline.jpg');
    // Four bytes long: one table, its class and number, its value. Behind them the other segments follow.
    const segment = Uint8Array.of(0xff, 0xcc, 0, 4, 0x10, 0x05);
    const bytes = Uint8Array.of(...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2));
    expect(readPictureSize(bytes)).toEqual({ width: 37, height: 23 });
  });

  it('finds no size in another file', () => {
    expect(readPictureSize(new TextEncoder().encode('<!doctype html>'))).toBeUndefined();
    expect(readPictureSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3))).toBeUndefined();
  });
});
