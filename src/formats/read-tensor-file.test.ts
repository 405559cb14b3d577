import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../testing/error-of';
import manifest from './__fixtures__/manifest.json';
import { readTensorFile, toFloat32 } from './index';
import type { NamedTensor } from './types';

interface Expected {
  file: string;
  container?: string;
  /** A value is in words where JSON has no number for it: `NaN`, `-Infinity`. */
  tensors?: { name: string; dtype: string; shape: number[]; values?: (number | string)[] }[];
  metadata?: Record<string, string>;
  leftOut?: string[];
  error?: string;
  says?: string;
}

/** The values of training/fixtures/make_fixtures.py, `known`. */
function known(count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    let hash = Math.imul(i, 2654435761);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 12;
    return (hash & 255) / 64 - 2;
  });
}

function valuesOf(tensor: NamedTensor): number[] {
  if (tensor.dtype === 'I64') return [...new BigInt64Array(tensor.bytes.slice().buffer)].map(Number);
  return [...toFloat32(tensor)];
}

function read(file: string): ReturnType<typeof readTensorFile> {
  return readTensorFile(new Uint8Array(readFileSync(new URL(`__fixtures__/${file}`, import.meta.url))));
}

const fixtures = manifest as Expected[];

describe('files of numpy, PyTorch and safetensors', () => {
  it.each(fixtures.filter(({ error }) => !error))(
    'reads $file',
    ({ file, container, tensors, metadata, leftOut }) => {
      const read_ = read(file);
      expect(read_.container).toBe(container);
      if (leftOut) expect(read_.leftOut).toEqual(leftOut);
      if (metadata) expect(read_.metadata).toEqual(metadata);
      const found = new Map(read_.tensors.map((tensor) => [tensor.name, tensor]));
      expect([...found.keys()].sort()).toEqual(tensors!.map(({ name }) => name).sort());
      for (const { name, dtype, shape, values } of tensors!) {
        const tensor = found.get(name)!;
        expect([tensor.dtype, tensor.shape]).toEqual([dtype, shape]);
        const expected = values?.map(Number) ?? known(shape.reduce((product, size) => product * size, 1));
        expect(valuesOf(tensor)).toEqual(expected);
      }
    },
  );

  it.each(fixtures.filter(({ error }) => error))('refuses $file', ({ file, error, says }) => {
    const thrown = errorOf(() => read(file));
    expect(thrown.code).toBe(error);
    if (says) expect(thrown.message).toContain(says);
  });
});

describe('damage', () => {
  it.each(['all.safetensors', 'v1.npy', 'stored.npz', 'deflated.npz', 'nested.pt'])(
    'refuses %s cut at any byte, and says what helps',
    (file) => {
      const whole = new Uint8Array(readFileSync(new URL(`__fixtures__/${file}`, import.meta.url)));
      for (let length = 0; length < whole.length; length += 7) {
        const { code, message } = errorOf(() => readTensorFile(whole.subarray(0, length)));
        expect(['damaged-file', 'unknown-format']).toContain(code);
        expect(message).toMatch(/ again\.| Expected: /);
      }
    },
  );

  it('notices one changed byte in the data of an npz', () => {
    const file = new Uint8Array(readFileSync(new URL('__fixtures__/stored.npz', import.meta.url)));
    file[200]! ^= 1;
    expect(errorOf(() => readTensorFile(file)).code).toBe('damaged-file');
  });

  it.each([
    ['', 'empty'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n', 'Git LFS'],
    ['<!DOCTYPE html><html><head><title>401</title>', 'web page'],
    ['  <?xml version="1.0"?>', 'web page'],
    ['{"a": 1}', 'JSON'],
    ['GGUF\x03\0\0\0', 'GGUF'],
    ['\x89PNG\r\n\x1a\n', 'picture'],
    ['\x89HDF\r\n\x1a\n', 'HDF5'],
    ['PK', 'Expected: safetensors'],
    ['hello, this is a text of some length', 'Expected: safetensors'],
  ])('says what %j is', (text, says) => {
    const bytes = Uint8Array.from([...text].map((char) => char.charCodeAt(0)));
    const { code, message } = errorOf(() => readTensorFile(bytes));
    expect(code).toMatch(/unknown-format|unsupported/);
    expect(message).toContain(says);
  });

  it('refuses gzip that is cut or a bomb', () => {
    const file = new Uint8Array(readFileSync(new URL('__fixtures__/packed.pt.gz', import.meta.url)));
    const cut = errorOf(() => readTensorFile(file.subarray(0, file.length / 2)));
    expect(cut.code).toBe('damaged-file');
    expect(cut.message).toMatch(/ Copy or save the file again\.$/);
    const bomb = gzipSync(new Uint8Array(2 ** 27));
    expect(errorOf(() => readTensorFile(bomb)).code).toBe('too-large');
  });

  it('refuses gzip whose checksum is another, in any of its members', () => {
    const file = readFileSync(new URL('__fixtures__/packed.pt.gz', import.meta.url));
    const plain = gunzipSync(file);
    const half = plain.length >> 1;
    const [first, second] = [plain.subarray(0, half), plain.subarray(half)].map((part) =>
      gzipSync(part, { level: 0 }),
    ) as [Uint8Array, Uint8Array];
    const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
    expect(readTensorFile(join(first, second))).toEqual(readTensorFile(file));
    for (const broken of [first, second]) {
      const flipped = broken.slice();
      flipped[flipped.length >> 1]! ^= 1;
      const parts = [first, second].map((part) => (part === broken ? flipped : part));
      const { code, message } = errorOf(() => readTensorFile(join(...parts)));
      expect([code, message]).toEqual(['damaged-file', expect.stringContaining('checksum')]);
    }
    expect(errorOf(() => readTensorFile(file.subarray(0, -4))).code).toBe('damaged-file');
  });
});
