import { crc32 } from '../formats';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const CHUNK_BYTES = 12;
/** Signature and header chunk: texts go right behind them, where readers look first. */
const HEADER_BYTES = SIGNATURE_BYTES + CHUNK_BYTES + 13;
/** A longer text is not a workflow. */
const MAX_TEXT_BYTES = 4 * 2 ** 20;

/**
 * A PNG with texts in it (tEXt chunks, section 11.3.3 of the PNG specification). tEXt is Latin-1 only, so that
 * everything beyond ASCII is written as JSON's `\uXXXX`: the values have to be JSON.
 *
 * @param texts by keyword
 */
export function addPngTexts(png: Blob, texts: Readonly<Record<string, string>>): Blob {
  const chunks = Object.entries(texts).map(([keyword, json]) => makeChunk(`${keyword}\0${escapeJson(json)}`));
  if (!chunks.length) return png;
  return new Blob([png.slice(0, HEADER_BYTES), ...chunks, png.slice(HEADER_BYTES)], { type: 'image/png' });
}

/** The tEXt chunks before a PNG's pixels with one of these keywords; none where the file is not a PNG. */
export async function readPngTexts(png: Blob, keywords: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= png.size; ) {
    const head = new DataView(await png.slice(at, at + 8).arrayBuffer());
    const length = head.getUint32(0);
    const type = String.fromCharCode(...new Uint8Array(head.buffer, 4, 4));
    if (type === 'IDAT' || !/^[A-Za-z]{4}$/.test(type)) break;
    if (type === 'tEXt' && length <= MAX_TEXT_BYTES) {
      const data = await png.slice(at + 8, at + 8 + length).arrayBuffer();
      const [keyword, ...rest] = new TextDecoder('latin1').decode(data).split('\0');
      if (keyword && keywords.includes(keyword)) found[keyword] = rest.join('\0');
    }
    at += CHUNK_BYTES + length;
  }
  return found;
}

function makeChunk(text: string): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(CHUNK_BYTES + text.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, text.length);
  chunk.set(new TextEncoder().encode(`tEXt${text}`), 4);
  view.setUint32(chunk.length - 4, crc32(chunk.subarray(4, chunk.length - 4)));
  return chunk;
}

function escapeJson(json: string): string {
  return json.replace(/[^\t\r\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
