import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../testing/error-of';
import { bytesPer, readSafetensorsHeader, readTensorFile, writeSafetensors } from '..';
import type { Dtype, NamedTensor } from '../types';
import { readSafetensors } from './safetensors';

/** A file with this header and this many zero bytes of data. */
function build(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('lying headers', () => {
  it.each([
    ['reads an honest one', { a: f32(0, 8), b: f32(8, 16) }, 16, 'read'],
    ['reads an empty tensor', { a: f32(0, 0), b: f32(0, 8) }, 8, 'read'],
    ['reads no tensors', {}, 0, 'read'],
    ['end beyond the file', { a: f32(0, 16) }, 8, 'damaged-file'],
    ['begin after end', { a: f32(8, 0, [0]) }, 8, 'damaged-file'],
    ['negative begin', { a: f32(-4, 4) }, 8, 'damaged-file'],
    ['overlap', { a: f32(0, 8), b: f32(4, 12) }, 12, 'damaged-file'],
    ['shape too small', { a: f32(0, 8, [1]) }, 8, 'damaged-file'],
    ['shape too large', { a: f32(0, 8, [3]) }, 8, 'damaged-file'],
    ['fractional shape', { a: f32(0, 8, [1.5, 2]) }, 8, 'damaged-file'],
    ['shape that overflows', { a: f32(0, 8, [2 ** 40, 2 ** 40]) }, 8, 'damaged-file'],
    ['shape that is not a list', { a: f32(0, 8, 2) }, 8, 'damaged-file'],
    ['bytes after the last tensor', { a: f32(0, 8) }, 9, 'damaged-file'],
    ['unknown dtype that overlaps', { a: f32(0, 8), b: { ...f32(4, 12), dtype: 'F4' } }, 12, 'damaged-file'],
    ['dtype that is an object', { a: { ...f32(0, 8), dtype: { toString: 1 } } }, 8, 'damaged-file'],
    ['not JSON', '{"a":', 0, 'damaged-file'],
    ['not an object', '{}[]', 0, 'damaged-file'],
  ])('%s', (_, header, dataBytes, code) => {
    expect(codeOf(() => readTensorFile(build(header, dataBytes)))).toBe(code);
  });

  it.each(['F4', 'constructor', 'Q4_0'])('leaves out a tensor of the dtype %s, and names it', (dtype) => {
    const name = 'n'.repeat(300_000);
    const { tensors, leftOut } = readSafetensors(
      build({ a: f32(0, 8), [name]: { ...f32(8, 12), dtype } }, 12),
    );
    expect(tensors.map((tensor) => tensor.name)).toEqual(['a']);
    expect(leftOut).toEqual([`${'n'.repeat(80)}… (${dtype})`]);
  });

  it.each([null, 7, { a: 1 }])('reads metadata that is %j as if there were none', (metadata) => {
    expect(readSafetensors(build({ __metadata__: metadata, a: f32(0, 8) }, 8)).metadata).toEqual({});
  });

  it('refuses a header longer than the file, or than 25 MB, before reading it', () => {
    const file = build({}, 0);
    new DataView(file.buffer).setBigUint64(0, 2n ** 39n, true);
    expect(codeOf(() => readTensorFile(file))).toBe('damaged-file');
    new DataView(file.buffer).setBigUint64(0, 26_000_000n, true);
    expect(() => readSafetensorsHeader(file, 30_000_000)).toThrow(/limit is 25000000/);
  });

  it('does not take a million lists into memory', () => {
    expect(codeOf(() => readTensorFile(build(`{"a":[${'[],'.repeat(1_000_000)}[]]}`, 0)))).toBe('too-large');
  });
});

describe('round trip', () => {
  const dtypes: Dtype[] = ['F64', 'F32', 'F16', 'BF16', 'I64', 'U8', 'BOOL'];
  const tensor = fc
    .record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(4), { maxLength: 4 }) })
    .map(({ dtype, shape }): Omit<NamedTensor, 'name'> => {
      const size = shape.reduce((product, n) => product * n, bytesPer(dtype));
      return { dtype, shape, bytes: Uint8Array.from({ length: size }, (_, i) => (i * 37 + 11) % 256) };
    });

  it('gives back what was written, aligned to the element size', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), tensor),
        fc.dictionary(fc.string(), fc.string()),
        (dict, metadata) => {
          const names = Object.keys(dict).filter((name) => name !== '__metadata__');
          const tensors = names.map((name) => ({ name, ...dict[name]! }));
          const file = writeSafetensors(tensors, metadata);
          const header = readSafetensorsHeader(file, file.length);
          for (const { begin, dtype } of header.entries.values()) expect(begin % bytesPer(dtype)).toBe(0);
          const back = readTensorFile(file);
          const byName = (a: NamedTensor, b: NamedTensor) => (a.name < b.name ? -1 : 1);
          expect(back.tensors.toSorted(byName)).toEqual(tensors.toSorted(byName));
          expect({ ...back.metadata }).toEqual({ ...metadata });
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });
});
