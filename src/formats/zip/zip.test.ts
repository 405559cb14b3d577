import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../testing/error-of';
import { Budget } from '../budget';
import { crc32 } from './crc32';
import { findZipData, readZipDirectory, refuseOverlaps, type ZipEntry } from './zip-directory';
import { readZipEntry } from './zip-read';

const text = (value: string) => new TextEncoder().encode(value);
const archive = zipSync({
  'a.txt': [text('hello '.repeat(100)), { level: 9 }],
  'b.txt': [text('bye'), { level: 0 }],
});

/** The same archive with sizes, offset and directory in zip64 fields, as archives above 4 GB have them. */
function toZip64(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  const [count, start] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  const parts: Uint8Array[] = [zip.slice(0, start)];
  let at = start;
  for (let index = 0; index < count; index++) {
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const entry = new Uint8Array(nameEnd - at + 28);
    entry.set(zip.subarray(at, nameEnd));
    const fields = new DataView(entry.buffer);
    const sizes = [24, 20, 42].map((field) => BigInt(fields.getUint32(field, true)));
    for (const field of [24, 20, 42]) fields.setUint32(field, 0xffffffff, true);
    fields.setUint16(30, 28, true);
    fields.setUint16(nameEnd - at, 1, true);
    fields.setUint16(nameEnd - at + 2, 24, true);
    sizes.forEach((size, field) => {
      fields.setBigUint64(nameEnd - at + 4 + field * 8, size, true);
    });
    parts.push(entry);
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const directory = parts.slice(1).reduce((sum, part) => sum + part.length, 0);
  const tail = new DataView(new ArrayBuffer(56 + 20 + 22));
  tail.setUint32(0, 0x06064b50, true);
  tail.setBigUint64(32, BigInt(count), true);
  tail.setBigUint64(40, BigInt(directory), true);
  tail.setBigUint64(48, BigInt(start), true);
  tail.setUint32(56, 0x07064b50, true);
  tail.setBigUint64(64, BigInt(start + directory), true);
  tail.setUint32(76, 0x06054b50, true);
  for (const field of [10, 16]) tail.setUint16(76 + field, 0xffff, true);
  parts.push(new Uint8Array(tail.buffer));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('zip', () => {
  it.each([
    ['plain', archive],
    ['zip64', toZip64(archive)],
  ])('reads a %s archive', (_, zip) => {
    const entries = readZipDirectory(zip);
    const read = entries.map((entry) => new TextDecoder().decode(readZipEntry(zip, entry, new Budget(0))));
    expect(entries.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
    expect(read).toEqual(['hello '.repeat(100), 'bye']);
    entries.forEach((entry, at) => {
      expect(crc32(text(read[at]!))).toBe(entry.crc);
    });
  });

  it('refuses files that share bytes', () => {
    const entries = readZipDirectory(archive);
    expect(codeOf(() => refuseOverlaps(archive, entries))).toBe('read');
    expect(codeOf(() => refuseOverlaps(archive, [...entries, entries[0]!]))).toBe('damaged-file');
  });

  it('reads past a comment at the end', () => {
    const commented = Uint8Array.from([...archive, ...text('a comment')]);
    new DataView(commented.buffer).setUint16(archive.length - 2, 9, true);
    expect(readZipDirectory(commented)).toEqual(readZipDirectory(archive));
  });

  const [deflated, stored] = readZipDirectory(archive) as [ZipEntry, ZipEntry];
  it.each([
    ['a larger size than deflate can give', { ...deflated, size: 10 ** 9 }, 'damaged-file'],
    ['a larger size than there is', { ...deflated, size: 601 }, 'damaged-file'],
    ['a smaller size than there is', { ...deflated, size: 599 }, 'damaged-file'],
    ['two sizes of a stored file', { ...stored, size: 4 }, 'damaged-file'],
    ['data beyond the end', { ...deflated, compressedSize: 10 ** 6 }, 'damaged-file'],
    ['a header beyond the end', { ...deflated, headerOffset: 2 ** 40 }, 'damaged-file'],
    ['a header elsewhere', { ...deflated, headerOffset: 3 }, 'damaged-file'],
    ['another method', { ...deflated, method: 12 }, 'unsupported'],
    ['encryption', { ...deflated, encrypted: true }, 'unsupported'],
  ])('refuses %s', (_, entry, code) => {
    expect(codeOf(() => readZipEntry(archive, entry, new Budget(0)))).toBe(code);
  });

  it('counts what files unfold to together', () => {
    const zeros = zipSync({ 'a.npy': new Uint8Array(40 * 2 ** 20) }, { level: 9 });
    const [entry] = readZipDirectory(zeros);
    const budget = new Budget(zeros.length);
    expect(readZipEntry(zeros, entry!, budget).length).toBe(40 * 2 ** 20);
    expect(codeOf(() => readZipEntry(zeros, entry!, budget))).toBe('too-large');
  });

  it('finds no data where the local header is not', () => {
    expect(codeOf(() => findZipData(archive, { ...stored, headerOffset: archive.length - 10 }))).toBe(
      'damaged-file',
    );
  });
});
