import { LeapError } from '../../errors';
import { bytesPer, countElements, isDtype } from '../dtypes';
import type { SafetensorsHeader, TensorEntry } from '../types';

/** The reference reader refuses larger headers at 100 MB; a quarter of that holds any real model's. */
export const MAX_HEADER_BYTES = 25_000_000;
/** Three per tensor, and those within metadata: enough for 100 000 tensors. */
const MAX_BRACKETS = 300_000;
const LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';

/**
 * The header of a safetensors file: u64 little-endian length, then JSON of that length.
 * Format: https://github.com/huggingface/safetensors#format
 *
 * Refused: offsets outside the file, a byte range that does not fit shape x dtype, overlapping tensors, bytes after
 * the last tensor. Empty tensors (begin == end) are legal. Gaps between tensors are accepted, although the
 * reference writer leaves none, because they do no harm.
 *
 * @param bytes the file, or just its head with the whole header in it
 * @param fileSize bytes of the whole file
 * @throws LeapError `damaged-file`, `too-large` (header), `unsupported` (dtype, named)
 */
export function readSafetensorsHeader(bytes: Uint8Array, fileSize: number): SafetensorsHeader {
  const length = readHeaderLength(bytes, fileSize);
  const dataStart = LENGTH_BYTES + length;
  if (bytes.length < dataStart) {
    throw damaged(`needs ${dataStart} bytes for its header, only ${bytes.length} are there`);
  }
  const json = parseJson(bytes.subarray(LENGTH_BYTES, dataStart));
  const header: SafetensorsHeader = { entries: new Map(), metadata: {}, dataStart };
  for (const [name, value] of Object.entries(json)) {
    if (name === METADATA_KEY) header.metadata = readMetadata(value);
    else header.entries.set(name, readEntry(name, value, dataStart, fileSize));
  }
  checkRanges(header, fileSize);
  return header;
}

/** True when the bytes begin as a safetensors file does: a sane length, then `{`. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < LENGTH_BYTES + 2 || bytes[LENGTH_BYTES] !== 0x7b) return false;
  // Only the length's upper half is checked, so that a header that lies about itself is called damaged, not unknown.
  return bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0;
}

function readHeaderLength(bytes: Uint8Array, fileSize: number): number {
  if (bytes.length < LENGTH_BYTES) throw damaged('is shorter than the 8 bytes of its header length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > fileSize - LENGTH_BYTES) {
    throw damaged(`promises a header of ${length} bytes in a file of ${fileSize}`, { length, fileSize });
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
    throw new LeapError('damaged-file', 'The safetensors header is no valid JSON.', {}, { cause });
  }
  if (!isRecord(value)) throw damaged('has a header that is no JSON object');
  return value;
}

/** Each bracket becomes an object in memory, many times its own size: headers of nothing else are refused unparsed. */
function checkBrackets(bytes: Uint8Array): void {
  let brackets = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x5b || bytes[at] === 0x7b) brackets++;
  if (brackets <= MAX_BRACKETS) return;
  throw new LeapError('too-large', `The safetensors header has ${brackets} lists and objects.`, {
    limit: MAX_BRACKETS,
  });
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw damaged(`has a ${METADATA_KEY} that is no map of strings`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown, dataStart: number, fileSize: number): TensorEntry {
  if (!isRecord(value)) throw damaged(`describes the tensor ${name} by something that is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw new LeapError(
      'unsupported',
      `The tensor ${name} has the dtype ${String(dtype)}, which is not read here.`,
      {
        tensor: name,
        dtype: String(dtype),
      },
    );
  }
  const expected = countElements(shape, `the tensor ${name}`) * bytesPer(dtype);
  const [from, to, ...rest] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!isOffset(from) || !isOffset(to) || rest.length > 0) {
    throw damaged(`gives the tensor ${name} offsets that are no two whole numbers`);
  }
  const begin = dataStart + from;
  const end = dataStart + to;
  if (begin > end || end > fileSize) {
    throw damaged(`puts the tensor ${name} at bytes ${begin} to ${end} of ${fileSize}`, {
      tensor: name,
      fileSize,
    });
  }
  if (end - begin !== expected) {
    throw damaged(`gives the tensor ${name} ${end - begin} bytes, its shape and dtype need ${expected}`, {
      tensor: name,
    });
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

function checkRanges(header: SafetensorsHeader, fileSize: number): void {
  const filled = [...header.entries.values()].filter((entry) => entry.end > entry.begin);
  filled.sort((a, b) => a.begin - b.begin);
  let last: TensorEntry | undefined;
  for (const entry of filled) {
    if (last && entry.begin < last.end)
      throw damaged(`lets the tensors ${last.name} and ${entry.name} overlap`);
    last = entry;
  }
  const end = last?.end ?? header.dataStart;
  if (end !== fileSize) throw damaged(`has ${fileSize - end} bytes after its last tensor`, { fileSize });
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
