import { LeapError } from '../../errors';

/** One file of an archive, as the central directory describes it. */
export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  encrypted: boolean;
  crc: number;
  compressedSize: number;
  size: number;
  /** Offset of the local header. */
  headerOffset: number;
}

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END_BYTES = 22;
const END64_LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const CENTRAL_BYTES = 46;
const MAX_COMMENT_BYTES = 0xffff;
const ZIP64_EXTRA = 1;
const ENCRYPTED_FLAG = 1;
const UNKNOWN_32 = 0xffffffff;

export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes.length >= END_BYTES && [0x50, 0x4b, 3, 4].every((byte, at) => bytes[at] === byte);
}

/**
 * The central directory, zip64 included. Sizes come from here and not from the local headers, which may leave them
 * open. Format: PKWARE APPNOTE.TXT 6.3.
 * @throws LeapError `damaged-file`
 */
export function readZipDirectory(file: Uint8Array): ZipEntry[] {
  const view = viewOf(file);
  const { offset, bytes, count } = findDirectory(view);
  if (offset + bytes > file.length) throw damaged('has its directory outside the file');
  const entries: ZipEntry[] = [];
  let at = offset;
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL_BYTES > file.length || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      throw damaged(`lists ${count} files in its directory, but ends after ${index}`);
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    ) as [number, number, number];
    const nameStart = at + CENTRAL_BYTES;
    const extraStart = nameStart + nameBytes;
    const next = extraStart + extraBytes + commentBytes;
    if (next > file.length) throw damaged('is cut off within its directory');
    entries.push({
      name: new TextDecoder().decode(file.subarray(nameStart, extraStart)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & ENCRYPTED_FLAG) !== 0,
      crc: view.getUint32(at + 16, true),
      ...readSizes(view, at, extraStart, extraStart + extraBytes),
    });
    at = next;
  }
  return entries;
}

/**
 * Offset of an entry's first data byte: the local header has its own name and padding.
 * @throws LeapError `damaged-file`
 */
export function findZipData(file: Uint8Array, { name, headerOffset, compressedSize }: ZipEntry): number {
  const view = viewOf(file);
  if (headerOffset + 30 > file.length || view.getUint32(headerOffset, true) !== LOCAL_SIGNATURE) {
    throw damaged(`has no ${name} where its directory says`);
  }
  const start =
    headerOffset + 30 + view.getUint16(headerOffset + 26, true) + view.getUint16(headerOffset + 28, true);
  if (start + compressedSize > file.length) throw damaged(`is cut off within ${name}`);
  return start;
}

/**
 * Files that share bytes are how a small archive unfolds to a large one; no writer makes them.
 * @throws LeapError `damaged-file`
 */
export function refuseOverlaps(file: Uint8Array, entries: readonly ZipEntry[]): void {
  const ranges = entries.map((entry) => ({
    name: entry.name,
    begin: entry.headerOffset,
    end: findZipData(file, entry) + entry.compressedSize,
  }));
  ranges.sort((a, b) => a.begin - b.begin);
  for (let at = 1; at < ranges.length; at++) {
    const [last, next] = [ranges[at - 1]!, ranges[at]!];
    if (next.begin < last.end) throw damaged(`has files that overlap, ${last.name} and ${next.name}`);
  }
}

function findDirectory(view: DataView): { offset: number; bytes: number; count: number } {
  const last = view.byteLength - END_BYTES;
  const first = Math.max(0, last - MAX_COMMENT_BYTES);
  for (let at = last; at >= first; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    const end64 = findEnd64(view, at - END64_LOCATOR_BYTES);
    if (end64 !== undefined) {
      const count = readSafe64(view, end64 + 32);
      return { count, bytes: readSafe64(view, end64 + 40), offset: readSafe64(view, end64 + 48) };
    }
    const count = view.getUint16(at + 10, true);
    return { count, bytes: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
  }
  throw damaged('has no directory at its end; it was cut off');
}

function findEnd64(view: DataView, locator: number): number | undefined {
  if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR_SIGNATURE) return undefined;
  const at = readSafe64(view, locator + 8);
  if (at + END64_BYTES > view.byteLength || view.getUint32(at, true) !== END64_SIGNATURE) {
    throw damaged('points to a zip64 directory that is not there');
  }
  return at;
}

/** Sizes and offset of a central entry; those of all ones stand in the zip64 extra field, in this order. */
function readSizes(view: DataView, at: number, extraStart: number, extraEnd: number) {
  const sizes = { size: 24, compressedSize: 20, headerOffset: 42 };
  const read = {
    size: view.getUint32(at + sizes.size, true),
    compressedSize: view.getUint32(at + sizes.compressedSize, true),
    headerOffset: view.getUint32(at + sizes.headerOffset, true),
  };
  let field = extraStart;
  while (field + 4 <= extraEnd) {
    const id = view.getUint16(field, true);
    const end = field + 4 + view.getUint16(field + 2, true);
    if (id === ZIP64_EXTRA) {
      let value = field + 4;
      for (const key of ['size', 'compressedSize', 'headerOffset'] as const) {
        if (read[key] !== UNKNOWN_32) continue;
        if (value + 8 > Math.min(end, extraEnd)) throw damaged('has a zip64 field that is cut off');
        read[key] = readSafe64(view, value);
        value += 8;
      }
    }
    field = end;
  }
  return read;
}

function readSafe64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged('has a size that no file can have');
  return Number(value);
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

function damaged(what: string): LeapError {
  return new LeapError('damaged-file', `The zip archive, as npz and PyTorch files are, ${what}.`);
}
