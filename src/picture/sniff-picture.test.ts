import { expect, it } from 'vitest';
import { sniffPicture } from './sniff-picture';

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));

it.each([
  ['image/png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0)],
  ['image/jpeg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0)],
  ['image/webp', text('RIFF\x10\x00\x00\x00WEBPVP8 ')],
  ['image/avif', text('\x00\x00\x00\x20ftypavif')],
  [undefined, text('RIFF\x10\x00\x00\x00WAVEfmt ')],
  [undefined, text('\x93NUMPY')],
  [undefined, new Uint8Array(0)],
])('recognises %s', (type, head) => {
  expect(sniffPicture(head)).toBe(type);
});
