import { describe, expect, it } from 'vitest';
import { LeapError } from '../../errors';
import { codeOf } from '../../testing/error-of';
import { readTensorFile, writeNpy } from '..';
import type { Dtype } from '../types';

/** A version 1.0 file with this header. */
function build(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(10 + text.length + dataBytes);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  file.set(text, 10);
  return file;
}

describe('headers of npy', () => {
  it.each([
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, 'read'],
    ["{'shape': (2L, 1L), 'fortran_order': True, 'descr': '<f4'}", 8, 'read'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, 'damaged-file'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", 8, 'damaged-file'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, 'damaged-file'],
    ["{'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (2,), }", 8, 'damaged-file'],
    ["{'descr': '<M8', 'fortran_order': False, 'shape': (1,), }", 8, 'unsupported'],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, 'unsupported'],
    ['', 0, 'damaged-file'],
  ])('%s with %i bytes', (header, dataBytes, code) => {
    expect(codeOf(() => readTensorFile(build(header, dataBytes)))).toBe(code);
  });
});

describe('writing npy', () => {
  it.each<Dtype>(['F64', 'F32', 'F16', 'I64', 'U8', 'BOOL'])('%s comes back', (dtype) => {
    for (const shape of [[], [8], [2, 4], [1, 2, 2, 2], [0, 3]]) {
      const count = shape.reduce((product, n) => product * n, 1);
      const bytes = Uint8Array.from(
        {
          length:
            count * (dtype === 'F64' || dtype === 'I64' ? 8 : dtype === 'F32' ? 4 : dtype === 'F16' ? 2 : 1),
        },
        (_, i) => i,
      );
      const tensor = { name: '', dtype, shape, bytes };
      expect(readTensorFile(writeNpy(tensor)).tensors).toEqual([tensor]);
    }
  });

  it('refuses bfloat16, which numpy lacks', () => {
    expect(() => writeNpy({ name: '', dtype: 'BF16', shape: [1], bytes: new Uint8Array(2) })).toThrow(
      LeapError,
    );
  });
});
