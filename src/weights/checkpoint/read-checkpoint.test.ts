import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NamedTensor, readTensorFile, writeSafetensors } from '../../formats';
import type { TensorEntry } from '../../formats/types';
import { readBack } from '../../testing/weights/hub-checkpoint';
import { type ByteSource, openBlob, openBytes } from './byte-source';
import { narrowTensor } from './narrow-tensor';
import { pickTensors } from './pick-tensors';
import { readHeader, readTensors } from './read-checkpoint';

const f32 = (name: string, values: number[], shape = [values.length]): NamedTensor => ({
  name,
  shape,
  dtype: 'F32',
  bytes: new Uint8Array(new Float32Array(values).buffer),
});

/** The nearest binary16, by arithmetic: the spacing of the values around `value`, and half to even. */
function roundToHalf(value: number): number {
  if (value === 0) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const step = 2 ** (exponent - 10);
  const floor = Math.floor(value / step);
  const rest = value / step - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (floor + (up ? 1 : 0)) * step;
}

/** The value of a binary16, by its definition. */
function readHalf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
}

describe('narrowing', () => {
  test('rounds to the nearest half, ties to even, subnormals too', () => {
    const values = fc.array(
      fc.oneof(
        fc.float({ min: -65000, max: 65000, noNaN: true }),
        fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4), noNaN: true }),
        // Halfway between two halves.
        fc.integer({ min: 1024, max: 2047 }).map((n) => n + 0.5),
      ),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(values, (list) => {
        const { dtype, bytes } = narrowTensor('F32', f32('a', list).bytes);
        const bits = new Uint16Array(bytes.slice().buffer);
        expect(dtype).toBe('F16');
        expect([...bits].map(readHalf).map((v) => v + 0)).toEqual(
          [...new Float32Array(list)].map((v) => roundToHalf(v) + 0),
        );
      }),
    );
  });

  test('reads bfloat16 as the upper half of float32', () => {
    // 1.0, -2.5, 3.140625 and the smallest normal float32, which no half can hold.
    const bits = new Uint16Array([0x3f80, 0xc020, 0x4049, 0x0080]);
    const { dtype, bytes } = narrowTensor('BF16', new Uint8Array(bits.buffer));
    expect(dtype).toBe('F16');
    expect([...new Uint16Array(bytes.slice().buffer)].map(readHalf)).toEqual([1, -2.5, 3.140625, 0]);
  });

  test.each([65520, -65520, 1e30, Number.POSITIVE_INFINITY, Number.NaN])(
    'keeps float32 for a tensor with %d in it',
    (value) => {
      const { dtype, bytes } = narrowTensor('F32', f32('a', [1, value, 0.1]).bytes);
      expect(dtype).toBe('F32');
      expect([...new Float32Array(bytes.slice().buffer)]).toEqual([...new Float32Array([1, value, 0.1])]);
      // bfloat16 has the range of float32.
      const wide = narrowTensor('BF16', new Uint8Array(new Uint16Array([0x3f80, 0x7f00]).buffer));
      expect([wide.dtype, ...new Float32Array(wide.bytes.slice().buffer)]).toEqual(['F32', 1, 2 ** 127]);
    },
  );

  test('takes 65519 to the largest half, and leaves halves and integers alone', () => {
    const { bytes } = narrowTensor('F32', f32('a', [65519]).bytes);
    expect(readHalf(new Uint16Array(bytes.slice().buffer)[0]!)).toBe(65504);
    const raw = new Uint8Array([1, 2, 3, 4]);
    for (const dtype of ['F16', 'I32', 'U8', 'BOOL'] as const) {
      expect(narrowTensor(dtype, raw)).toEqual({ dtype, bytes: raw });
    }
  });
});

/** Hands out pieces of the given sizes, over and over. */
function inPieces(bytes: Uint8Array, sizes: number[]): ByteSource {
  const whole = openBytes(bytes, 'test');
  return {
    ...whole,
    async *read(begin, end) {
      for (let at = begin, i = 0; at < end; i++) {
        const to = Math.min(end, at + sizes[i % sizes.length]!);
        yield bytes.subarray(at, to);
        at = to;
      }
    },
  };
}

describe('reading tensors', () => {
  const TENSORS: NamedTensor[] = [
    f32('encoder.a', [1, 2, 3]),
    f32('decoder.b', [4, 5, 6, 7, 8, 9], [2, 3]),
    { name: 'decoder.empty', dtype: 'F32', shape: [0, 3], bytes: new Uint8Array() },
    { name: 'decoder.index', dtype: 'I64', shape: [1], bytes: new Uint8Array([7, 0, 0, 0, 0, 0, 0, 0]) },
    f32('decoder.large', [70000, 0.5]),
    f32('quant.c', [10]),
  ];
  const FILE = writeSafetensors(TENSORS, { format: 'pt', latent_leap: '{"kind":"decoder"}' });

  test('gives the kept tensors, whatever the pieces, with gaps and without', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.constantFrom(['decoder.'], ['decoder.', 'quant.'], undefined),
        async (sizes, keep) => {
          const source = inPieces(FILE, sizes);
          const header = await readHeader(source);
          const { metadata } = header;
          const file = await readTensors(source, pickTensors(header, keep), { metadata });
          const expected = TENSORS.filter(
            ({ name }) => !keep || keep.some((prefix) => name.startsWith(prefix)),
          );
          const stored = readTensorFile(file);
          expect(stored.tensors.map(({ name }) => name).toSorted()).toEqual(
            expected.map(({ name }) => name).toSorted(),
          );
          expect(stored.metadata).toEqual({ latent_leap: '{"kind":"decoder"}' });
          for (const { name, dtype, shape, bytes } of expected) {
            const found = stored.tensors.find((tensor) => tensor.name === name)!;
            expect([found.shape, found.bytes]).toEqual([
              shape,
              dtype === 'F32' ? narrowTensor(dtype, bytes).bytes : bytes,
            ]);
          }
          // Any runtime may map a tensor: it begins at a multiple of 8.
          for (const { bytes } of stored.tensors) expect((bytes.byteOffset - file.byteOffset) % 8).toBe(0);
        },
      ),
    );
  });

  test('leaves floats as they are when asked to', async () => {
    const source = openBlob(new Blob([new Uint8Array(FILE)]), 'dropped');
    const header = await readHeader(source);
    const stored = readBack(await readTensors(source, pickTensors(header, ['decoder.b']), { exact: true }));
    expect(stored.get('decoder.b')).toMatchObject({ dtype: 'F32', shape: [2, 3] });
  });

  test('refuses a file that ends before its last tensor', async () => {
    const short: ByteSource = { ...inPieces(FILE.subarray(0, FILE.length - 4), [7]), size: FILE.length };
    const header = await readHeader(short);
    await expect(readTensors(short, pickTensors(header, undefined))).rejects.toMatchObject({
      code: 'damaged-file',
    });
  });

  test.each([
    ['nothing', new Uint8Array(), 'damaged-file'],
    ['seven bytes', new Uint8Array(7), 'damaged-file'],
    ['a header longer than the file', new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0, 123, 125]), 'damaged-file'],
    ['a header of 2^60 bytes', new Uint8Array([0, 0, 0, 0, 0, 0, 0, 16, 123]), 'unknown-format'],
    ['a page', new TextEncoder().encode('<!doctype html><title>404</title>'), 'unknown-format'],
  ])('refuses %s', async (_, bytes, code) => {
    await expect(readHeader(openBytes(bytes, 'test'))).rejects.toMatchObject({ code });
  });

  test('reads a header that is longer than the first request', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => f32(`decoder.layer.${i}`, [i]));
    const file = writeSafetensors(many);
    const header = await readHeader(openBytes(file, 'test'));
    expect(header.dataStart).toBeGreaterThan(100_000);
    expect(header.entries.size).toBe(2000);
  });
});

test('fetches what lies close together at once, and leaves out what does not', () => {
  const entry = (name: string, begin: number, end: number): [string, TensorEntry] => [
    name,
    { name, begin, end, dtype: 'U8', shape: [end - begin] },
  ];
  const entries = new Map([
    entry('decoder.z', 500_000, 600_000),
    entry('encoder.a', 100, 300_000),
    entry('decoder.b', 300_000, 400_000),
    entry('middle', 400_000, 500_000),
  ]);
  const header = { entries, metadata: {}, dataStart: 100 };
  const stretches = pickTensors(header, ['decoder.']);
  expect(stretches.map(({ begin, end }) => [begin, end])).toEqual([[300_000, 600_000]]);
  expect(stretches[0]!.entries.map(({ name }) => name)).toEqual(['decoder.b', 'decoder.z']);
  const apart = pickTensors(header, ['decoder.z', 'encoder.']);
  expect(apart.map(({ begin, end }) => [begin, end])).toEqual([
    [100, 300_000],
    [500_000, 600_000],
  ]);
  expect(pickTensors(header, ['decoder.'], new Set(['decoder.b'])).map(({ begin }) => begin)).toEqual([
    500_000,
  ]);
});
