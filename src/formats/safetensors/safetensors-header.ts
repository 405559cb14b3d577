import { LeapError } from '../../errors';
import { bytesPer, countElements, isDtype } from '../dtypes';
import { explainBytes, isStranger } from '../explain-bytes';
import type { SafetensorsHeader, TensorEntry } from '../types';

/** The reference reader refuses larger headers at 100 MB; a quarter of that holds any real model's. */
export const MAX_HEADER_BYTES = 25_000_000;
/** Three per tensor, and those within metadata: enough for 100 000 tensors. */
const MAX_BRACKETS = 300_000;
/** How many names of left-out tensors are kept. */
const MAX_LEFT_OUT = 64;
/** Characters of a name in a message. */
const MAX_NAME_CHARS = 80;
const LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';

/**
 * The header of a safetensors file: u64 little-endian length, then JSON of that length.
 * Format: https://github.com/huggingface/safetensors#format
 *
 * Tensors of a dtype that is not read here are left out, and named in `leftOut`: they may stand beside others.
 *
 * Refused: offsets outside the file, a byte range that does not fit shape x dtype, overlapping tensors, bytes after
 * the last tensor. Empty tensors (begin == end) are legal. Gaps between tensors are accepted, although the
 * reference writer leaves none, because they do no harm.
 *
 * @param bytes the file, or just its head with the whole header in it
 * @param fileSize bytes of the whole file
 * @throws LeapError `damaged-file`, `too-large` (header), `unknown-format` for other kinds of files
 */
export function readSafetensorsHeader(bytes: Uint8Array, fileSize: number): SafetensorsHeader {
  const length = readHeaderLength(bytes, fileSize);
  const dataStart = LENGTH_BYTES + length;
  if (bytes.length < dataStart) {
    throw damaged(`needs ${dataStart} bytes for its header, only ${bytes.length} are there`);
  }
  const json = parseJson(bytes.subarray(LENGTH_BYTES, dataStart));
  const leftOut: string[] = [];
  const header: SafetensorsHeader = { entries: new Map(), metadata: {}, leftOut, dataStart };
  const ranges: Range[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === METADATA_KEY) {
      header.metadata = readMetadata(value);
      continue;
    }
    const { entry, ...range } = readEntry(name, value, dataStart, fileSize);
    ranges.push(range);
    if (entry) header.entries.set(name, entry);
    else if (leftOut.length < MAX_LEFT_OUT) leftOut.push(`${show(name)} (${show(dtypeOf(value))})`);
  }
  checkRanges(ranges, dataStart, fileSize);
  return header;
}

/** True when the bytes begin as a safetensors file does: a sane length, then `{`. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < LENGTH_BYTES + 2 || bytes[LENGTH_BYTES] !== 0x7b) return false;
  // Only the length's upper half is checked, so that a header that lies about itself is called damaged, not unknown.
  return bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0;
}

function readHeaderLength(bytes: Uint8Array, fileSize: number): number {
  if (bytes.length < LENGTH_BYTES) throw explainBytes(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > fileSize - LENGTH_BYTES) {
    if (isStranger(bytes) || !looksLikeSafetensors(bytes)) throw explainBytes(bytes);
    const message = `is cut off: its header has ${length} bytes, the whole file ${fileSize}. Fetch it again`;
    throw damaged(message, { length, fileSize, complete: true });
  }
  if (length > MAX_HEADER_BYTES) {
    throw new LeapError(
      'too-large',
      `The safetensors header has ${length} bytes; the limit is ${MAX_HEADER_BYTES}.`,
      {
        bytes: length,
        limit: MAX_HEADER_BYTES,
      },
    );
  }
  return length;
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  checkBrackets(bytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LeapError('damaged-file', 'The safetensors header is not valid JSON.', {}, { cause });
  }
  if (!isRecord(value)) throw damaged('has a header that is not a JSON object');
  return value;
}

/** A bracket becomes an object of many times its size, so a header of nothing but brackets is refused unparsed. */
function checkBrackets(bytes: Uint8Array): void {
  let brackets = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x5b || bytes[at] === 0x7b) brackets++;
  if (brackets <= MAX_BRACKETS) return;
  throw new LeapError('too-large', `The safetensors header has ${brackets} lists and objects.`, {
    limit: MAX_BRACKETS,
  });
}

/** The metadata's texts. Other values mean nothing here. */
function readMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

interface Range {
  name: string;
  begin: number;
  end: number;
}

/** @returns no entry for a dtype that is not read here */
function readEntry(
  name: string,
  value: unknown,
  dataStart: number,
  fileSize: number,
): Range & { entry: TensorEntry | undefined } {
  const shown = show(name);
  if (!isRecord(value)) throw damaged(`describes the tensor ${shown} by something that is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw damaged(`gives the tensor ${shown} a dtype that is not a text`);
  const count = countElements(shape, `the tensor ${shown}`);
  const [from, to, ...rest] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!isOffset(from) || !isOffset(to) || rest.length > 0) {
    throw damaged(`gives the tensor ${shown} offsets that are not two whole numbers`);
  }
  const begin = dataStart + from;
  const end = dataStart + to;
  if (end > fileSize && begin <= end) {
    const message = `is cut off: the tensor ${shown} ends at byte ${end}, the file at ${fileSize}. Fetch it again`;
    throw damaged(message, { tensor: shown, fileSize, complete: true });
  }
  if (begin > end) throw damaged(`puts the tensor ${shown} at bytes ${begin} to ${end}`, { tensor: shown });
  if (!isDtype(dtype)) return { name: shown, begin, end, entry: undefined };
  const expected = count * bytesPer(dtype);
  if (end - begin !== expected) {
    throw damaged(`gives the tensor ${shown} ${end - begin} bytes, its shape and dtype need ${expected}`, {
      tensor: shown,
    });
  }
  return { name: shown, begin, end, entry: { name, dtype, shape: shape as number[], begin, end } };
}

function dtypeOf(value: unknown): string {
  return isRecord(value) && typeof value.dtype === 'string' ? value.dtype : '?';
}

function checkRanges(ranges: readonly Range[], dataStart: number, fileSize: number): void {
  const filled = ranges.filter(({ begin, end }) => end > begin).sort((a, b) => a.begin - b.begin);
  let last: Range | undefined;
  for (const range of filled) {
    if (last && range.begin < last.end)
      throw damaged(`has tensors that overlap, ${last.name} and ${range.name}`);
    last = range;
  }
  const end = last?.end ?? dataStart;
  if (end !== fileSize) throw damaged(`has ${fileSize - end} bytes after its last tensor`, { fileSize });
}

/** A name, short enough to be shown. */
function show(name: string): string {
  return name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS)}…` : name;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(what: string, detail: Record<string, unknown> = {}): LeapError {
  return new LeapError('damaged-file', `The safetensors file ${what}.`, detail);
}
