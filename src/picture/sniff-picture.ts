const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

/** The bytes that pictures of the four kinds begin with, from offset `at` on. */
const MAGIC: readonly { type: string; at: number; bytes: readonly number[] }[] = [
  { type: 'image/png', at: 0, bytes: [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a] },
  { type: 'image/jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { type: 'image/webp', at: 8, bytes: ascii('WEBP') },
  { type: 'image/avif', at: 4, bytes: ascii('ftypavif') },
];

/** The number of bytes that {@link sniffPicture} needs. */
export const SNIFF_BYTES = 16;

/** The media type of a picture by its first bytes, whatever its name says. Undefined for any other file. */
export function sniffPicture(head: Uint8Array): string | undefined {
  return MAGIC.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte))?.type;
}
