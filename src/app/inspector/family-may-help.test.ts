import { describe, expect, it } from 'vitest';
import type { FamilyId } from '../../client';
import { type Dtype, readTensorFile, writeSafetensors } from '../../formats';
import { FAMILY_IDS, readLatents } from '../../latent';
import { codeOf, errorOf } from '../../testing/error-of';
import { familyMayHelp } from './family-may-help';

function read(dtype: Dtype, shape: number[], fill: (at: number) => number, family?: FamilyId) {
  const count = shape.reduce((product, size) => product * size, 1);
  const values =
    dtype === 'I8' ? new Int8Array(count) : Float32Array.from({ length: count }, (_, at) => fill(at));
  const tensor = { name: 'latents', dtype, shape, bytes: new Uint8Array(values.buffer) };
  return readLatents(readTensorFile(writeSafetensors([tensor])), family ? { family } : {});
}

function npyOf(descr: string): Uint8Array {
  const header = `{'descr': ${descr}, 'fortran_order': False, 'shape': (1, 4, 8, 8), }\n`;
  const size = String.fromCharCode(header.length & 255, header.length >> 8);
  return Buffer.from(`\x93NUMPY\x01\0${size}${header}${'\0'.repeat(64)}`, 'latin1');
}

describe('familyMayHelp', () => {
  it.each([
    ['broken values', 'F32', [1, 4, 8, 8], () => Number.NaN, false],
    ['a video', 'F32', [1, 16, 5, 8, 8], Math.sin, false],
    ['whole numbers', 'I8', [1, 4, 8, 8], Math.sin, false],
    [
      'moments of 16 channels, which FLUX.2 has',
      'F32',
      [1, 32, 8, 8],
      (at: number) => (at < 1024 ? Math.sin(at) : -9),
      true,
    ],
  ] as const)('tells for %s whether some family reads it', (_, dtype, shape, fill, helps) => {
    const error = errorOf(() => read(dtype, [...shape], fill));
    const readable = FAMILY_IDS.some(
      (family) => codeOf(() => read(dtype, [...shape], fill, family)) === 'read',
    );
    expect([familyMayHelp(error), readable]).toEqual([helps, helps]);
  });

  it.each([
    ['a model for llama.cpp', Buffer.from('GGUF\x03\0\0\0 and so on', 'latin1')],
    ['an array of objects', npyOf("'|O'")],
    ['an array of texts', npyOf("'<U8'")],
  ])('does not for %s, which is refused before any family is asked for', (_, bytes) => {
    expect(familyMayHelp(errorOf(() => readTensorFile(bytes)))).toBe(false);
  });
});
